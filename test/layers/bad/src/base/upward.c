#include "base/err.h"
#include "wire/json.h"
