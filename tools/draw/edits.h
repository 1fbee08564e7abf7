/* What people do to a picture before they upload it again. */
#ifndef DRAW_EDITS_H
#define DRAW_EDITS_H

#include "tools/draw/canvas.h"

struct edit {
	const char *name;
	const char *ending; /* "jpg" or "png" */
	int quality;        /* of the JPEG */
	/* Gives a new canvas, which the caller frees. */
	struct canvas (*apply)(const struct canvas *canvas);
};

#define EDIT_COUNT 10
extern const struct edit edits[EDIT_COUNT];

#endif
