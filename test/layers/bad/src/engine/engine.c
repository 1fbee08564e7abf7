#include "signal/pdq.h"
#include "media/image/image.h"
#include "http/route.h"
#include "kitchen/sink.h"
