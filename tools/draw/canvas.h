/* A picture to draw on: 8-bit RGB, row by row, and the few shapes and textures that the scenes are made of. Edges are
 * soft by one pixel. Everything random comes from a seed, so that a seed draws the same picture everywhere.
 * A program that cannot get memory here stops and says so: hilf-draw is a demonstration, not a service. */
#ifndef DRAW_CANVAS_H
#define DRAW_CANVAS_H

#include <stddef.h>
#include <stdint.h>

struct canvas {
	int width, height;
	uint8_t *pixels; /* [height * width * 3] */
};

struct colour {
	float r, g, b; /* 0 to 255; more and less is cut when it meets a pixel */
};

/* Whoever makes a canvas frees it. It begins black. */
struct canvas canvas_new(int width, int height);
void canvas_free(struct canvas *canvas);
/* Memory or the end. */
void *draw_alloc(size_t count, size_t size);

/* Chance: a state of 64 bits, stepped by each call. */
uint32_t roll(uint64_t *chance);
float roll_float(uint64_t *chance, float from, float to);
int roll_int(uint64_t *chance, int from, int to); /* both ends included */
/* A full, not too pale colour. */
struct colour roll_colour(uint64_t *chance);

struct colour mix(struct colour a, struct colour b, float share_of_b);
struct colour shade(struct colour colour, float factor);
void put(struct canvas *canvas, int x, int y, struct colour colour, float alpha);

/* Shapes, about their middle, turned by `angle` radians. */
void disc(struct canvas *canvas, float x, float y, float radius, struct colour colour);
void ring(struct canvas *canvas, float x, float y, float radius, float thick, struct colour colour);
void box(struct canvas *canvas, float x, float y, float width, float height, float angle,
	struct colour colour);
void star(struct canvas *canvas, float x, float y, float radius, int points, float depth,
	float angle, struct colour colour); /* depth: 1 is a polygon, less digs the valleys */
void stroke(struct canvas *canvas, float x1, float y1, float x2, float y2, float thick,
	struct colour colour);
/* From (left, top), as rectangles are. */
void slab(struct canvas *canvas, int left, int top, int width, int height, struct colour colour);
/* Lines of something that looks like text from afar. */
void text_block(struct canvas *canvas, uint64_t *chance, int left, int top, int width, int height,
	int line, struct colour ink);

/* Clouds: `octaves` layers of smooth noise, the coarsest `scale` pixels wide, from about 0 to 1. The caller frees it;
 * width * height floats. */
float *clouds(uint64_t *chance, int width, int height, float scale, int octaves);

#endif
