/* Where things are: the data folder and the helper programs. */
#ifndef CLI_PLACES_H
#define CLI_PLACES_H

#include "hilf.h"

/* $HILF_DATA, else $XDG_DATA_HOME/hilf, else ~/.local/share/hilf; NULL without any of them or without memory. The
 * caller frees it. */
char *places_data(void);

/* $HILF_HELPERS; else the folder with hilf-seal in it among: the program's own, src/proc below or proc beside it (a build folder),
 * ../libexec/hilf beside it, the one that was given to the build. NULL where there is none. The caller frees it. */
char *places_helpers(void);

#endif
