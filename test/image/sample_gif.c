#include "test/image/sample.h"

#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

static int write_bytes(GifFileType *gif, const GifByteType *bytes, int count)
{
	buf_add(gif->UserData, bytes, (size_t)count);
	return count;
}

struct kind {
	bool interlaced, local;
	int transparent; /* index, or NO_TRANSPARENT_COLOR */
	uint32_t border; /* of the canvas around the frame */
	int frame_count;
};

static bool write_frame(GifFileType *gif, const struct picture *picture, const struct kind *kind,
	ColorMapObject *map, uint8_t *indexes)
{
	static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
	int width = (int)picture->width, height = (int)picture->height;
	GraphicsControlBlock control = {0, false, 10, kind->transparent};
	GifByteType block[4];
	EGifGCBToExtension(&control, block);
	if (EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, block) == GIF_ERROR ||
		EGifPutImageDesc(gif, (int)kind->border, (int)kind->border, width, height,
			kind->interlaced, kind->local ? map : NULL) == GIF_ERROR)
		return false;
	for (int pass = 0; pass < (kind->interlaced ? 4 : 1); pass++)
		for (int y = kind->interlaced ? first[pass] : 0; y < height;
			y += kind->interlaced ? step[pass] : 1)
			if (EGifPutLine(gif, indexes + (size_t)y * (size_t)width, width) ==
				GIF_ERROR)
				return false;
	return true;
}

static bool write_gif(struct picture *picture, const struct kind *kind, uint8_t *indexes,
	uint8_t colours[256][3], struct buf *file)
{
	GifColorType entries[256];
	int error;
	for (int i = 0; i < 256; i++)
		entries[i] = (GifColorType){colours[i][0], colours[i][1], colours[i][2]};
	ColorMapObject *map = GifMakeMapObject(256, entries);
	GifFileType *gif = EGifOpen(file, write_bytes, &error);
	if (!gif || !map)
		return false;
	EGifSetGifVersion(gif, true);
	bool made = EGifPutScreenDesc(gif, (int)(picture->width + 2 * kind->border),
			    (int)(picture->height + 2 * kind->border), 8, 0,
			    kind->local ? NULL : map) != GIF_ERROR;
	for (int i = 0; made && i < kind->frame_count; i++) {
		made = write_frame(gif, picture, kind, map, indexes);
		/* The next one shows something else. */
		memset(indexes, i, (size_t)picture->width * picture->height);
	}
	EGifCloseFile(gif, &error);
	GifFreeMapObject(map);
	return made && !file->failed;
}

static bool make(struct picture *picture, const struct kind *kind, struct buf *file)
{
	uint8_t colours[256][3], *indexes = picture_cube(picture, colours);
	size_t count = (size_t)picture->width * picture->height;
	for (size_t i = 0; i < count; i++)
		if (indexes[i] == kind->transparent)
			picture->rgba[4 * i + 3] = 0;
	bool made = write_gif(picture, kind, indexes, colours, file);
	free(indexes);
	return made;
}

static bool plain(struct picture *picture, struct buf *file)
{
	return make(picture, &(struct kind){false, false, NO_TRANSPARENT_COLOR, 0, 1}, file);
}

static bool interlaced(struct picture *picture, struct buf *file)
{
	return make(picture, &(struct kind){true, true, NO_TRANSPARENT_COLOR, 0, 1}, file);
}

static bool animated(struct picture *picture, struct buf *file)
{
	return make(picture, &(struct kind){false, false, NO_TRANSPARENT_COLOR, 0, 3}, file);
}

static bool transparent(struct picture *picture, struct buf *file)
{
	return make(picture, &(struct kind){false, false, 129, 0, 1}, file);
}

/* A frame smaller than its canvas; what is free around it has colour 0 and no opacity. */
static bool framed(struct picture *picture, struct buf *file)
{
	const struct kind kind = {true, false, NO_TRANSPARENT_COLOR, 20, 1};
	bool made = make(picture, &kind, file);
	struct picture whole = {picture->width + 40, picture->height + 40, NULL};
	whole.rgba = calloc((size_t)whole.width * whole.height, 4);
	for (uint32_t y = 0; whole.rgba && y < picture->height; y++)
		memcpy(picture_pixel(&whole, 20, y + 20), picture_pixel(picture, 0, y),
			(size_t)picture->width * 4);
	free(picture->rgba);
	*picture = whole;
	return made && whole.rgba;
}

const struct sample samples_gif[] = {
	{"gif", "gif", plain, 0, false},
	{"gif interlaced", "gif", interlaced, 0, false},
	{"gif animated", "gif", animated, 0, false},
	{"gif transparent", "gif", transparent, 0, false},
	{"gif with a frame smaller than its canvas", "gif", framed, 0, false},
	{NULL, NULL, NULL, 0, false},
};
