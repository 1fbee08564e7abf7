/* A timing wheel (Varghese and Lauck, 1987) with lazy moves; see inside.h. Nearly every timer here is set again and again to
 * a later time, with each request of a connection, and hardly ever goes off. */
#include "base/check.h"
#include "http/inside.h"

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
	for (unsigned i = 0; i < WHEEL_SLOTS; i++)
		wheel->slots[i].prev = wheel->slots[i].next = &wheel->slots[i];
	wheel->turned_ms = now_ms / WHEEL_MS * WHEEL_MS;
}

void wheel_remove(struct timer *timer)
{
	if (!timer->next)
		return;
	timer->prev->next = timer->next;
	timer->next->prev = timer->prev;
	timer->prev = timer->next = NULL;
}

static void link_in(struct wheel *wheel, struct timer *timer)
{
	/* Never into the slot that is being turned, and at most a whole turn ahead. */
	int64_t at = timer->due_ms / WHEEL_MS * WHEEL_MS + WHEEL_MS;
	int64_t last = wheel->turned_ms + (int64_t)(WHEEL_SLOTS - 1) * WHEEL_MS;
	if (at <= wheel->turned_ms)
		at = wheel->turned_ms + WHEEL_MS;
	if (at > last)
		at = last;
	struct timer *slot = &wheel->slots[(uint64_t)at / WHEEL_MS % WHEEL_SLOTS];
	timer->visit_ms = at;
	timer->prev = slot->prev;
	timer->next = slot;
	slot->prev->next = timer;
	slot->prev = timer;
}

void wheel_set(struct wheel *wheel, struct timer *timer, int64_t due_ms)
{
	timer->due_ms = due_ms;
	if (timer->next && due_ms + WHEEL_MS >= timer->visit_ms)
		return;
	wheel_remove(timer);
	link_in(wheel, timer);
}

void wheel_turn(struct wheel *wheel, int64_t now_ms, void (*each)(struct timer *timer))
{
	if (now_ms - wheel->turned_ms > (int64_t)WHEEL_SLOTS * WHEEL_MS)
		wheel->turned_ms = now_ms - (int64_t)WHEEL_SLOTS * WHEEL_MS;
	while (wheel->turned_ms + WHEEL_MS <= now_ms) {
		wheel->turned_ms += WHEEL_MS;
		struct timer *slot =
			&wheel->slots[(uint64_t)wheel->turned_ms / WHEEL_MS % WHEEL_SLOTS];
		/* What is put further goes into another slot, so this one empties. */
		while (slot->next != slot) {
			struct timer *timer = slot->next;
			wheel_remove(timer);
			link_in(wheel, timer);
			ASSERT(timer->visit_ms > wheel->turned_ms);
			if (timer->due_ms <= now_ms)
				each(timer);
		}
	}
}

void wheel_all(struct wheel *wheel, void (*each)(struct timer *timer))
{
	for (unsigned i = 0; i < WHEEL_SLOTS; i++) {
		struct timer *slot = &wheel->slots[i];
		for (struct timer *timer = slot->next, *next; timer != slot; timer = next) {
			next = timer->next;
			each(timer);
		}
	}
}
