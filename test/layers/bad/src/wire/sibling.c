#include "base/err.h"
  #  include "os/file.h"
#include "err.h"
#include "../base/err.h"
#include <base/err.h>
#include "test/unit.h"
