/* Ten kinds of picture, from a landscape to a page of print, each rich enough in coarse detail for a perceptual hash to
 * hold on to: large shapes in unequal places, textures over them. */
#include "tools/draw/scenes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const struct colour white = {245, 243, 235}, black = {24, 22, 28};

/* Every pixel from `low` to `high` by clouds; `hard` above 1 sharpens their edges. */
static void wash(struct canvas *canvas, uint64_t *chance, float scale, int octaves, float hard,
	struct colour low, struct colour high)
{
	float *plane = clouds(chance, canvas->width, canvas->height, scale, octaves);
	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++) {
			float value = plane[(size_t)y * (size_t)canvas->width + (size_t)x];
			value = 0.5f + (value - 0.5f) * hard;
			put(canvas, x, y, mix(low, high, fminf(1, fmaxf(0, value))), 1);
		}
	free(plane);
}

static void paint_hills(struct canvas *canvas, uint64_t *chance)
{
	float width = (float)canvas->width, height = (float)canvas->height;
	struct colour zenith = roll_colour(chance), haze = mix(roll_colour(chance), white, 0.5f);
	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++)
			put(canvas, x, y, mix(zenith, haze, (float)y / height), 1);
	float sun_x = roll_float(chance, 0.15f, 0.85f) * width;
	float sun_y = roll_float(chance, 0.12f, 0.35f) * height;
	float sun = roll_float(chance, 0.05f, 0.12f) * width;
	for (float halo = 2.2f; halo > 1; halo -= 0.3f)
		ring(canvas, sun_x, sun_y, sun * halo, sun * 0.12f, mix(haze, white, 0.5f));
	disc(canvas, sun_x, sun_y, sun, (struct colour){255, 236, 170});
	struct colour near = shade(roll_colour(chance), 0.5f);
	float *grain = clouds(chance, canvas->width, canvas->height, 40, 5);
	for (int ridge = 0; ridge < 5; ridge++) {
		float *line = clouds(chance, canvas->width, 1, roll_float(chance, 90, 280), 6);
		float base = 0.38f + 0.13f * (float)ridge;
		float rise = roll_float(chance, 0.25f, 0.5f);
		struct colour colour =
			mix(mix(haze, zenith, 0.4f), near, 0.2f + 0.2f * (float)ridge);
		for (int x = 0; x < canvas->width; x++) {
			int top = (int)(height * (base + rise * (0.5f - line[x])));
			for (int y = top < 0 ? 0 : top; y < canvas->height; y++) {
				size_t at = (size_t)y * (size_t)canvas->width + (size_t)x;
				float light = 0.5f + grain[at] + 0.1f * (float)(y - top < 3);
				put(canvas, x, y, shade(colour, light), 1);
			}
		}
		free(line);
	}
	free(grain);
	for (int tree = roll_int(chance, 8, 20); tree > 0; tree--) {
		float x = roll_float(chance, 0, width), y = roll_float(chance, 0.8f, 1) * height;
		float size = roll_float(chance, 25, 90);
		for (int tier = 0; tier < 3; tier++)
			star(canvas, x, y - size * 0.4f * (float)tier,
				size * (0.6f - 0.12f * (float)tier), 3, 1, -1.5708f,
				shade(near, roll_float(chance, 0.3f, 0.6f)));
	}
}

static void paint_emblem(struct canvas *canvas, uint64_t *chance)
{
	float width = (float)canvas->width, height = (float)canvas->height;
	struct colour ground = roll_colour(chance), ink = shade(roll_colour(chance), 0.4f);
	struct colour bright = mix(roll_colour(chance), white, 0.4f);
	wash(canvas, chance, 260, 4, 1, shade(ground, 0.8f), shade(ground, 1.2f));
	for (int ray = roll_int(chance, 4, 7); ray > 0; ray--)
		box(canvas, roll_float(chance, 0, width), roll_float(chance, 0, height),
			1.5f * width, roll_float(chance, 20, 110), roll_float(chance, 0, 3.1416f),
			mix(ground, roll(chance) % 2 ? bright : ink,
				roll_float(chance, 0.2f, 0.9f)));
	float x = width * roll_float(chance, 0.3f, 0.7f),
	      y = height * roll_float(chance, 0.3f, 0.5f);
	float radius = width * roll_float(chance, 0.24f, 0.36f);
	disc(canvas, x, y, radius, ink);
	ring(canvas, x, y, radius * 0.88f, radius * 0.07f, bright);
	star(canvas, x, y, radius * 0.75f, roll_int(chance, 3, 8), roll_float(chance, 0.3f, 0.8f),
		roll_float(chance, 0, 6), bright);
	for (int part = roll_int(chance, 3, 6); part > 0; part--) {
		float turn = roll_float(chance, 0, 6.28f),
		      out = radius * roll_float(chance, 0.2f, 0.7f);
		box(canvas, x + out * cosf(turn), y + out * sinf(turn),
			radius * roll_float(chance, 0.2f, 0.7f),
			radius * roll_float(chance, 0.08f, 0.2f), turn,
			roll(chance) % 2 ? ink : roll_colour(chance));
	}
	int top = (int)(height * roll_float(chance, 0.78f, 0.84f));
	slab(canvas, 0, top, canvas->width, canvas->height - top, ink);
	text_block(canvas, chance, canvas->width / 10, top + 20, canvas->width * 8 / 10, 100, 36,
		bright);
}

static void paint_cover(struct canvas *canvas, uint64_t *chance)
{
	int width = canvas->width, height = canvas->height;
	struct colour dark = shade(roll_colour(chance), 0.35f),
		      light = mix(roll_colour(chance), white, 0.4f);
	wash(canvas, chance, roll_float(chance, 150, 260), 6, 2.2f, dark, light);
	for (int mass = roll_int(chance, 3, 6); mass > 0; mass--) {
		float x = roll_float(chance, 0, (float)width),
		      y = roll_float(chance, 150, (float)height);
		struct colour colour = shade(roll_colour(chance), roll_float(chance, 0.4f, 1.2f));
		disc(canvas, x, y, roll_float(chance, 30, 110), colour);
		box(canvas, x, y + 100, roll_float(chance, 60, 240), 220,
			roll_float(chance, -0.3f, 0.3f), colour);
	}
	struct colour title = roll_colour(chance);
	int high = roll_int(chance, 60, 120);
	slab(canvas, 0, 0, width, high + 40, roll(chance) % 2 ? white : black);
	text_block(canvas, chance, 30, 20, width - 60, high, high, title);
	for (int column = roll_int(chance, 2, 4); column > 0; column--) {
		int left = roll_int(chance, 10, width - 240),
		    top = roll_int(chance, 200, height - 200);
		int block = roll_int(chance, 90, 190);
		slab(canvas, left, top, 220, block, column % 2 ? title : white);
		text_block(canvas, chance, left + 12, top + 12, 196, block - 24,
			roll_int(chance, 12, 26), black);
	}
	int left = roll_int(chance, 0, width - 160);
	slab(canvas, left, height - 110, 150, 90, white);
	for (int x = left + 8; x < left + 140; x += roll_int(chance, 3, 9))
		slab(canvas, x, height - 102, roll_int(chance, 1, 4), 74, black);
}

static void paint_crowd(struct canvas *canvas, uint64_t *chance)
{
	float width = (float)canvas->width, height = (float)canvas->height;
	wash(canvas, chance, 220, 5, 1.8f, shade(roll_colour(chance), 0.6f),
		mix(roll_colour(chance), white, 0.5f));
	for (int house = roll_int(chance, 4, 7); house > 0; house--) {
		float x = roll_float(chance, 0, width), high = roll_float(chance, 100, 300);
		box(canvas, x, height * 0.45f - high / 2, roll_float(chance, 60, 190), high, 0,
			shade(roll_colour(chance), 0.8f));
	}
	float lean = roll_float(chance, -0.3f, 0.3f);
	for (float y = height * 0.4f; y < height * 1.1f; y += 10 + (y - height * 0.4f) * 0.1f) {
		float size = 7 + (y - height * 0.4f) * 0.11f;
		for (float x = -size; x < width + size;
			x += size * roll_float(chance, 1.8f, 4.5f)) {
			float lift =
				lean * (x - width / 2) * 0.3f + roll_float(chance, -size, size);
			struct colour coat =
				shade(roll_colour(chance), roll_float(chance, 0.2f, 1.1f));
			struct colour skin = mix((struct colour){90, 60, 45},
				(struct colour){235, 200, 175}, roll_float(chance, 0, 1));
			disc(canvas, x, y + lift + size * 1.9f, size * 1.5f, coat);
			disc(canvas, x, y + lift, size * 0.8f, skin);
			disc(canvas, x, y + lift - size * 0.3f, size * 0.75f, shade(coat, 0.4f));
		}
	}
	for (int sign = roll_int(chance, 2, 5); sign > 0; sign--) {
		float x = roll_float(chance, 60, width - 60),
		      y = roll_float(chance, 0.25f, 0.6f) * height;
		struct colour board = mix(roll_colour(chance), white, 0.5f);
		float wide = roll_float(chance, 80, 180), tilt = roll_float(chance, -0.2f, 0.2f);
		stroke(canvas, x, y, x + 10, y + 150, 6, black);
		box(canvas, x, y, wide, wide * 0.6f, tilt, board);
		text_block(canvas, chance, (int)(x - wide * 0.35f), (int)(y - wide * 0.2f),
			(int)(wide * 0.7f), (int)(wide * 0.4f), 16, black);
	}
}

static void paint_mosaic(struct canvas *canvas, uint64_t *chance)
{
	slab(canvas, 0, 0, canvas->width, canvas->height, shade(white, 0.7f));
	float *pattern =
		clouds(chance, canvas->width, canvas->height, roll_float(chance, 90, 170), 3);
	float *second =
		clouds(chance, canvas->width, canvas->height, roll_float(chance, 50, 110), 2);
	struct colour palette[5];
	for (int i = 0; i < 5; i++)
		palette[i] = shade(roll_colour(chance), 0.4f + 0.25f * (float)i);
	float tile = roll_float(chance, 15, 20);
	for (float y = tile / 2; y < (float)canvas->height; y += tile)
		for (float x = tile / 2; x < (float)canvas->width; x += tile) {
			size_t at = (size_t)y * (size_t)canvas->width + (size_t)x;
			int which = (int)(fmaxf(0, pattern[at] - 0.25f) * 8 + second[at] * 2) % 5;
			struct colour colour =
				shade(palette[which], roll_float(chance, 0.85f, 1.15f));
			box(canvas, x + roll_float(chance, -1, 1), y + roll_float(chance, -1, 1),
				tile - 3, tile - 3, roll_float(chance, -0.12f, 0.12f), colour);
		}
	free(pattern);
	free(second);
}

static void paint_dunes(struct canvas *canvas, uint64_t *chance)
{
	int width = canvas->width, height = canvas->height;
	float *bend = clouds(chance, width, height, roll_float(chance, 180, 320), 4);
	float *grain = clouds(chance, width, height, 6, 2);
	struct colour low = shade(roll_colour(chance), 0.5f),
		      high = mix(roll_colour(chance), white, 0.5f);
	float across = roll_float(chance, -0.03f, 0.03f), down = roll_float(chance, 0.01f, 0.04f);
	float wind = roll_float(chance, 8, 16);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			size_t at = (size_t)y * (size_t)width + (size_t)x;
			float wave = sinf((float)x * across + (float)y * down + wind * bend[at]);
			float light =
				0.5f + 0.35f * wave + 0.15f * bend[at] + 0.2f * (grain[at] - 0.5f);
			put(canvas, x, y, mix(low, high, light), 1);
		}
	free(bend);
	free(grain);
	for (int rock = roll_int(chance, 3, 8); rock > 0; rock--) {
		float x = roll_float(chance, 0, (float)width),
		      y = roll_float(chance, 0, (float)height);
		float size = roll_float(chance, 12, 50);
		star(canvas, x, y, size, roll_int(chance, 5, 8), 1, roll_float(chance, 0, 3),
			shade(low, 0.6f));
		star(canvas, x - size * 0.15f, y - size * 0.2f, size * 0.7f, 6, 1, 1,
			shade(low, 1.1f));
	}
}

static void paint_banner(struct canvas *canvas, uint64_t *chance)
{
	int width = canvas->width, height = canvas->height;
	float slant = roll_float(chance, -0.5f, 0.5f);
	int count = roll_int(chance, 4, 8);
	float edges[9] = {0};
	struct colour colours[9];
	for (int i = 0; i <= count; i++) {
		edges[i] = (i ? edges[i - 1] : -0.3f) + roll_float(chance, 0.08f, 0.34f);
		colours[i] = roll(chance) % 4   ? roll_colour(chance)
			     : roll(chance) % 2 ? white
						: black;
	}
	float *fold = clouds(chance, width, height, 130, 3);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			float bend = fold[(size_t)y * (size_t)width + (size_t)x];
			float v = (float)y / (float)height +
				  slant * ((float)x / (float)width - 0.5f) + 0.15f * (bend - 0.5f);
			int stripe = 0;
			while (stripe < count && v > edges[stripe])
				stripe++;
			put(canvas, x, y, shade(colours[stripe], 0.6f + 0.8f * bend), 1);
		}
	free(fold);
	float x = (float)width * roll_float(chance, 0.15f, 0.85f);
	float y = (float)height * roll_float(chance, 0.3f, 0.7f);
	float size = roll_float(chance, 90, 190);
	star(canvas, x, y, size * 1.3f, roll_int(chance, 3, 4), 1, roll_float(chance, 0, 3),
		roll_colour(chance));
	disc(canvas, x, y, size * 0.7f, white);
	star(canvas, x, y, size * 0.6f, roll_int(chance, 4, 9), 0.5f, roll_float(chance, 0, 3),
		roll_colour(chance));
	for (int extra = roll_int(chance, 3, 7); extra > 0; extra--)
		star(canvas, roll_float(chance, 0, (float)width),
			roll_float(chance, 0, (float)height), roll_float(chance, 20, 60), 5, 0.45f,
			roll_float(chance, 0, 3), roll(chance) % 2 ? white : black);
}

static void paint_skyline(struct canvas *canvas, uint64_t *chance)
{
	int width = canvas->width, height = canvas->height;
	struct colour night = shade(roll_colour(chance), 0.3f), glow = roll_colour(chance);
	wash(canvas, chance, 240, 5, 1.6f, night, mix(night, glow, 0.6f));
	disc(canvas, roll_float(chance, 60, (float)width - 60), roll_float(chance, 50, 160),
		roll_float(chance, 25, 60), (struct colour){250, 245, 215});
	int shore = height * roll_int(chance, 70, 85) / 100;
	for (int layer = 0; layer < 3; layer++)
		for (int x = -20; x < width;) {
			int wide = roll_int(chance, 35, 110),
			    high = roll_int(chance, 60, 190 + 100 * layer);
			struct colour wall =
				mix(shade(glow, 0.5f), black, 0.3f + 0.3f * (float)layer);
			slab(canvas, x, shore - high, wide, high, wall);
			if (roll(chance) % 3 == 0)
				slab(canvas, x + wide / 2 - 3, shore - high - 40, 6, 40, wall);
			float lit = roll_float(chance, 0.1f, 0.9f);
			for (int v = shore - high + 8; layer && v < shore - 12; v += 14)
				for (int u = x + 6; u < x + wide - 8; u += 11)
					if (roll_float(chance, 0, 1) < lit)
						slab(canvas, u, v, 6, 8,
							(struct colour){250, 215, 130});
			x += wide + roll_int(chance, 0, 60) * (2 - layer);
		}
	for (int y = shore; y < height; y++) /* the water mirrors it, darker and rippled */
		for (int x = 0; x < width; x++) {
			int from = 2 * shore - y - 1,
			    shift = (int)(4 * sinf((float)(y * y) * 0.01f));
			int column = x + shift < 0 ? 0 : x + shift >= width ? width - 1 : x + shift;
			const uint8_t *pixel = canvas->pixels +
					       ((size_t)from * (size_t)width + (size_t)column) * 3;
			struct colour above = {pixel[0], pixel[1], pixel[2]};
			put(canvas, x, y, mix(shade(above, 0.7f), night, 0.3f), 1);
		}
}

static void paint_map(struct canvas *canvas, uint64_t *chance)
{
	int width = canvas->width, height = canvas->height;
	float *ground = clouds(chance, width, height, roll_float(chance, 160, 240), 6);
	struct colour sea = mix(roll_colour(chance), white, 0.3f),
		      land = shade(roll_colour(chance), 0.9f);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			float high = ground[(size_t)y * (size_t)width + (size_t)x];
			float step = high * 14 - floorf(high * 14);
			struct colour colour = high < 0.49f ? shade(sea, 0.5f + high)
							    : mix(land, white, (high - 0.49f) * 3);
			put(canvas, x, y, step < 0.12f ? shade(colour, 0.6f) : colour, 1);
		}
	free(ground);
	float px = roll_float(chance, 0, (float)width), py = roll_float(chance, 0, (float)height);
	for (int leg = roll_int(chance, 9, 16); leg > 0; leg--) {
		float x = roll_float(chance, 0, (float)width),
		      y = roll_float(chance, 0, (float)height);
		stroke(canvas, px, py, x, y, leg % 3 ? 5 : 12,
			leg % 3 ? white : (struct colour){200, 60, 40});
		disc(canvas, x, y, roll_float(chance, 6, 24), black);
		text_block(canvas, chance, (int)x + 20, (int)y - 8, roll_int(chance, 50, 120), 16,
			15, black);
		px = x;
		py = y;
	}
	int left = roll(chance) % 2 ? 20 : width - 240, top = roll(chance) % 2 ? 20 : height - 190;
	slab(canvas, left, top, 220, 170, white);
	for (int row = 0; row < 4; row++) {
		slab(canvas, left + 14, top + 14 + row * 38, 34, 24, roll_colour(chance));
		text_block(canvas, chance, left + 60, top + 18 + row * 38,
			roll_int(chance, 60, 150), 16, 14, black);
	}
}

/* Letters of no alphabet: blocks of 4 by 5, some of them inked. */
static void paint_placard(struct canvas *canvas, uint64_t *chance)
{
	struct colour paper = mix(roll_colour(chance), white, 0.6f);
	wash(canvas, chance, 300, 4, 1, shade(paper, 0.75f), shade(paper, 1.1f));
	for (int stain = roll_int(chance, 2, 5); stain > 0; stain--)
		disc(canvas, roll_float(chance, 0, (float)canvas->width),
			roll_float(chance, 0, (float)canvas->height), roll_float(chance, 60, 180),
			mix(paper, roll_colour(chance), 0.6f));
	for (int y = roll_int(chance, 20, 60); y < canvas->height - 60;) {
		int unit = roll_int(chance, 9, 34);
		struct colour ink = roll(chance) % 3 ? black : shade(roll_colour(chance), 0.7f);
		for (int x = roll_int(chance, 20, 60); x + 4 * unit < canvas->width - 20;
			x += 5 * unit) {
			unsigned letter = roll(chance) & roll(chance) % 3 ? roll(chance)
									  : ~0u << roll(chance) % 9;
			if (roll(chance) % 7 == 0)
				continue; /* between words */
			for (int k = 0; k < 20; k++)
				if (letter >> k & 1)
					slab(canvas, x + k % 4 * unit, y + k / 4 * unit, unit, unit,
						ink);
		}
		y += 6 * unit + roll_int(chance, 10, 50);
	}
}

const struct scene scenes[SCENE_COUNT] = {
	{"hills", 800, 600, paint_hills},
	{"emblem", 600, 800, paint_emblem},
	{"cover", 600, 800, paint_cover},
	{"crowd", 900, 600, paint_crowd},
	{"mosaic", 800, 600, paint_mosaic},
	{"dunes", 820, 620, paint_dunes},
	{"banner", 800, 540, paint_banner},
	{"skyline", 960, 600, paint_skyline},
	{"map", 800, 640, paint_map},
	{"placard", 720, 720, paint_placard},
};
