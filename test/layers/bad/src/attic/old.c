#include "cli/x.h"
