/* SPDX-License-Identifier: Apache-2.0 */
/* Reads traces, so that every line that is no request is told with its place. */
#include "trace-file.h"

#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256u

static const char blanks[] = " \t\r\n";

char *path_beside(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	char *path;

	if (name[0] == '/' || !slash)
		return strdup(name);
	if (asprintf(&path, "%.*s/%s", (int)(slash - file), file, name) < 0)
		return NULL;
	return path;
}

static bool add_entry(struct trace *trace, const struct traffic_entry *entry)
{
	/* room doubles, so that growing costs little */
	if (!(trace->count & (trace->count - 1))) {
		size_t room = trace->count ? trace->count * 2 : 1;
		struct traffic_entry *grown =
			realloc(trace->entries, room * sizeof(*trace->entries));

		if (!grown)
			return false;
		trace->entries = grown;
	}
	trace->entries[trace->count++] = *entry;
	return true;
}

/* The words of a line, in place; false if there are more than count. */
static bool split(char *line, char **words, size_t count)
{
	char *rest = line;

	for (size_t i = 0; i < count; i++)
		words[i] = strtok_r(NULL, blanks, &rest);
	return !strtok_r(NULL, blanks, &rest);
}

static bool read_line(char *line, struct trace *trace, const struct place *place,
		      struct diags *diags)
{
	char *words[3];
	unsigned long long address, size;
	struct traffic_entry entry;
	bool three = split(line, words, 3);

	if (!words[0])
		return true;
	if (!three || !words[2] ||
	    (strcmp(words[0], "read") != 0 && strcmp(words[0], "write") != 0))
		return diag_add(diags, place,
				"no request; expected 'read' or 'write', address and size, as in "
				"'read 0x1000 64'");
	if (!parse_u64(words[1], true, &address))
		return diag_add(diags, place, "'%s' is no address", words[1]);
	if (!parse_u64(words[2], true, &size) || size < 1 || size > TRAFFIC_SIZE_MAX)
		return diag_add(diags, place, "'%s' is no size; expected 1 to %u bytes", words[2],
				TRAFFIC_SIZE_MAX);
	if (trace->count == TRACE_ENTRIES_MAX)
		return diag_add(diags, place, "more than %u requests", TRACE_ENTRIES_MAX);
	entry = (struct traffic_entry){
		.address = address,
		.size = (u32)size,
		.write = words[0][0] == 'w',
	};
	return add_entry(trace, &entry) || diag_add(diags, place, "not enough memory");
}

/* A line without its remark; source keeps all of it for the diagnostics. */
static bool read_lines(FILE *file, const char *path, struct trace *trace, struct diags *diags)
{
	char line[LINE_MAX_BYTES], source[LINE_MAX_BYTES];
	struct place place = { .file = path, .source = source };
	bool good = true;

	while (fgets(line, sizeof(line), file) && !diag_enough(diags)) {
		size_t len = strcspn(line, "\r\n");

		place.line++;
		memcpy(source, line, len);
		source[len] = '\0';
		if (!line[len] && !feof(file))
			return diag_add(diags, &place,
					"a line of more than %u bytes, or with a NUL; expected a "
					"text file",
					LINE_MAX_BYTES - 2);
		line[strcspn(line, "#")] = '\0';
		good &= read_line(line, trace, &place, diags);
	}
	place = (struct place){ .file = path };
	if (ferror(file))
		return diag_add(diags, &place, "cannot be read: %s", strerror(errno));
	if (!good)
		return false;
	return trace->count || diag_add(diags, &place, "a trace without requests");
}

bool trace_load(const char *path, struct trace *trace, struct diags *diags)
{
	struct place whole = { .file = path };
	/* opening a pipe that nobody writes to would wait for ever */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	FILE *file;
	bool good;

	if (fd < 0)
		return diag_add(diags, &whole, "'%s' cannot be opened: %s", path, strerror(errno));
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		close(fd);
		return diag_add(diags, &whole, "is no file");
	}
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return diag_add(diags, &whole, "cannot be read: %s", strerror(errno));
	}
	good = read_lines(file, path, trace, diags);
	fclose(file);
	if (!good)
		trace_clear(trace);
	return good;
}

void trace_clear(struct trace *trace)
{
	free(trace->entries);
	*trace = (struct trace){ 0 };
}
