/* SPDX-License-Identifier: Apache-2.0 */
/* What a study's rows become: text, HTML, and plots of their own. */
#include "sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int write_html(const struct sweep *sweep, const struct study_table *table)
{
	const struct arguments *a = sweep->arguments;
	struct output output;

	if (!a->sweep.html)
		return STATUS_GO_ON;
	if (!output_open(a, a->sweep.html, &output))
		return STATUS_INTERNAL;
	report_study_html(output.file, table);
	return output_commit(a, &output) ? STATUS_GO_ON : STATUS_INTERNAL;
}

/* "DIR/iotlb-size-2.svg"; the caller frees it. */
static char *plot_path(const struct sweep *sweep, size_t number)
{
	const char *file = sweep->arguments->words[0], *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file, *dot = strrchr(name, '.');
	int len = dot ? (int)(dot - name) : (int)strlen(name);
	char *path;

	if (asprintf(&path, "%s/%.*s-%zu.svg", sweep->arguments->sweep.plots, len, name, number) <
	    0)
		return NULL;
	return path;
}

static bool write_plot(const struct sweep *sweep, const struct study_table *table,
		       const struct study_plot *plot, size_t number)
{
	char *path = plot_path(sweep, number);
	struct output output;
	bool written = path && output_open(sweep->arguments, path, &output);

	if (written) {
		study_plot_write(output.file, table, plot, true);
		written = output_commit(sweep->arguments, &output);
	}
	free(path);
	return written;
}

static int write_plots(const struct sweep *sweep, const struct study_table *table)
{
	const char *directory = sweep->arguments->sweep.plots;
	struct study_plot plots[STUDY_PLOTS_MAX];
	size_t count;

	if (!directory)
		return STATUS_GO_ON;
	if (mkdir(directory, 0777) && errno != EEXIST)
		return internal_error(sweep->arguments, "cannot make '%s': %s", directory,
				      strerror(errno));
	count = study_plots(table, plots);
	for (size_t i = 0; i < count; i++)
		if (!write_plot(sweep, table, &plots[i], i + 1))
			return STATUS_INTERNAL;
	return STATUS_GO_ON;
}

int sweep_report(struct sweep *sweep)
{
	const struct arguments *a = sweep->arguments;
	const struct study_table table = { sweep->study, sweep->command, sweep->rows,
					   sweep->row_count };
	bool piped = sweep_is_piped(sweep);
	FILE *out = piped ? a->cli->err : a->cli->out;
	const struct style *style = piped ? &a->cli->err_style : &a->cli->out_style;
	int status = write_html(sweep, &table);

	if (status == STATUS_GO_ON)
		status = write_plots(sweep, &table);
	if (status != STATUS_GO_ON)
		return status;
	if (!a->sweep.csv && !a->sweep.html && !a->sweep.plots && table.count)
		report_study_rows(out, style, &table);
	report_study_summary(out, style, &table);
	return STATUS_GO_ON;
}
