/* libqrencode makes the modules; runs of dark ones become rectangles of one path, in units of a module. */
#include "http/api/qr.h"

#include "base/err.h"

#include <errno.h>
#include <qrencode.h>

#define QUIET 4

static void put_row(struct buf *buf, const unsigned char *row, int width, int y)
{
	for (int x = 0; x < width;) {
		int from = x;
		while (x < width && (row[x] & 1))
			x++;
		if (x > from)
			buf_format(buf, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from,
				x - from);
		else
			x++;
	}
}

int qr_svg(const char *text, struct buf *buf, struct hilf_err *err)
{
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (!code && errno == ERANGE)
		return err_set(err, HILF_E_LIMIT, "the text is too long for a QR code");
	if (!code)
		return err_no_memory(err);
	int side = code->width + 2 * QUIET;
	buf_format(buf,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
		"shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dh-%dz\"/>"
		"<path d=\"",
		side, side, side, side, side);
	for (int y = 0; y < code->width; y++)
		put_row(buf, code->data + (size_t)y * (size_t)code->width, code->width, y);
	buf_text(buf, "\"/></svg>");
	QRcode_free(code);
	return buf->failed ? err_no_memory(err) : 0;
}
