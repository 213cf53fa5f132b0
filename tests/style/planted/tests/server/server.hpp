#pragma once
#include "holdfast/memory.hpp"
