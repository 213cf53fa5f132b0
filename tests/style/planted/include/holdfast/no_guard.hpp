#include <string>                    // expect: pragma-once
