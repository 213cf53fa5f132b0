#include "holdfast/mirror.hpp"
