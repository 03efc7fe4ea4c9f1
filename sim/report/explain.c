/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects what happens in a step. The telling is explain_print.c's.
 */
#include "explain.h"

#include "report.h"

#include <stdlib.h>
#include <string.h>

/* A step that translates without end must not take all memory. */
#define EVENTS_MAX 100000u

static char *copy_or_null(const char *text)
{
	return text ? strdup(text) : NULL;
}

void explanation_begin(struct explanation *explanation, const struct platform *platform,
		       unsigned int line, const char *step)
{
	explanation_clear(explanation);
	explanation->platform = platform;
	explanation->line = line;
	explanation->step = copy_or_null(step);
}

/* Room for one more event, doubling. */
static struct explained_event *next_event(struct explanation *explanation)
{
	size_t count = explanation->count;

	if (count >= EVENTS_MAX)
		return NULL;
	if (count == 0 || (count >= 64 && (count & (count - 1)) == 0)) {
		size_t room = count ? 2 * count : 64;
		struct explained_event *events =
			realloc(explanation->events, room * sizeof(*events));

		if (!events)
			return NULL;
		explanation->events = events;
	}
	return &explanation->events[explanation->count];
}

void explanation_add(struct explanation *explanation, size_t unit, const struct port_event *event)
{
	struct explained_event *kept = next_event(explanation);

	if (!kept) {
		explanation->truncated = true;
		return;
	}
	kept->unit = unit;
	kept->event = *event;
	kept->event.what = strdup(event->what ? event->what : "?");
	kept->event.detail = copy_or_null(event->detail);
	explanation->count++;
}

void explanation_end(struct explanation *explanation, const struct step_result *result)
{
	free(explanation->result);
	free(explanation->why);
	free(explanation->log);
	explanation->result = step_result_text(result);
	/* of a refusal the errno says it all */
	explanation->why = result->outcome > OUTCOME_REFUSED ? copy_or_null(result->why) : NULL;
	explanation->log = copy_or_null(result->log);
}

enum explained_reach explanation_reach(const struct explanation *explanation)
{
	enum explained_reach reach = explanation->count ? REACHED_IOMMU : REACHED_NONE;
	size_t i;

	for (i = 0; i < explanation->count; i++)
		if (explanation->events[i].event.kind == PORT_EVENT_TRANSLATED)
			reach = REACHED_TRANSLATION;
		else if (explanation->events[i].event.kind == PORT_EVENT_FAULT)
			return REACHED_IOMMU;
	return reach;
}

void explanation_clear(struct explanation *explanation)
{
	size_t i;

	for (i = 0; i < explanation->count; i++) {
		free((char *)explanation->events[i].event.what);
		free((char *)explanation->events[i].event.detail);
	}
	free(explanation->events);
	free(explanation->step);
	free(explanation->result);
	free(explanation->why);
	free(explanation->log);
	memset(explanation, 0, sizeof(*explanation));
}
