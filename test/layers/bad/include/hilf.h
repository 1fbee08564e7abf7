#include <stdint.h>
#include "base/err.h"
