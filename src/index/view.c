/* Deltas and levels count the views that show them; the last one takes them along. */
#include "index/view.h"

#include "base/check.h"
#include "os/pages.h"

#include <stdlib.h>

void view_show_delta(struct view *view, struct delta *delta)
{
	if (!delta)
		return;
	ASSERT(view->delta_count < VIEW_DELTAS);
	delta->holders++;
	view->deltas[view->delta_count++] = delta;
}

void view_show_level(struct view *view, struct level *level)
{
	if (!level)
		return;
	ASSERT(view->level_count < VIEW_LEVELS);
	level->holders++;
	view->levels[view->level_count++] = level;
}

void view_free(struct view *view)
{
	for (unsigned i = 0; i < view->delta_count; i++)
		if (--view->deltas[i]->holders == 0)
			pages_free(view->deltas[i], sizeof *view->deltas[i]);
	for (unsigned i = 0; i < view->level_count; i++)
		if (--view->levels[i]->holders == 0)
			level_free(view->levels[i]);
	free(view);
}
