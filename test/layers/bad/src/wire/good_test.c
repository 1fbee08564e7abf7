#include "test/unit.h"
#include "wire/json.h"
#include <jansson.h>
