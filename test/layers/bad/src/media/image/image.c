#include "media/image/image.h"
#include "signal/pdq.h"
#include "store/store.h"
