/* The scenes: each paints a whole canvas from its seed, and another seed paints another picture of the kind. */
#ifndef DRAW_SCENES_H
#define DRAW_SCENES_H

#include "tools/draw/canvas.h"

struct scene {
	const char *name;
	int width, height;
	void (*paint)(struct canvas *canvas, uint64_t *chance);
};

#define SCENE_COUNT 10
extern const struct scene scenes[SCENE_COUNT];

#endif
