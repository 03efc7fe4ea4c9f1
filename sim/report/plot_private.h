/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all kinds of plots share: the frame, places on axes, texts. Private to plot*.c.
 */
#ifndef SIM_REPORT_PLOT_PRIVATE_H
#define SIM_REPORT_PLOT_PRIVATE_H

#include "plot.h"

#define PLOT_WIDTH 760
#define PLOT_HEIGHT 400
#define PLOT_TOP 62
#define PLOT_BOTTOM 56

/** The picture's inner part. */
struct plot_area {
	double left, top, width, height;
};

/** Opens the SVG element: title, note, background. */
void plot_begin(FILE *out, const char *title, const char *note, bool standalone);
void plot_end(FILE *out);

/** Where a text stands. */
struct plot_text {
	double x, y;
	const char *anchor; /* "start", "middle", "end" */
	const char *style; /* a class of the style sheet */
};

void plot_write_text(FILE *out, struct plot_text at, const char *text);

#endif
