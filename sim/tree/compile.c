/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles a tree's type1 over the shim's headers with the system's C compiler, and reads the compiler's
 * messages for names that the shim does not know.
 */
#include "tree-private.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ; /* NOLINT(cppcoreguidelines-avoid-non-const-global-variables): POSIX */

#define HEADERS_MAX 40 /* missing headers that are stood in for, so that the rest is compiled */
#define MESSAGES_MAX (1u << 20)

/** A compilation being prepared. */
struct compilation {
	const struct tree_files *files;
	const char *directory;
	char **arguments; /* NULL-terminated, once there is one */
	size_t count;
	struct tree_build *build;
};

static const char *shim_directory(void)
{
	const char *directory = getenv("VTDSIM_SHIM");

	return directory && *directory ? directory : VTDSIM_SHIM_DIR;
}

/* ---- running the compiler ---- */

static void add(struct compilation *c, char *argument)
{
	char **grown = argument ? realloc(c->arguments, (c->count + 2) * sizeof(*grown)) : NULL;

	if (!grown) {
		free(argument);
		return;
	}
	c->arguments = grown;
	grown[c->count++] = argument;
	grown[c->count] = NULL;
}

static void drop_arguments(struct compilation *c)
{
	while (c->count)
		free(c->arguments[--c->count]);
	free(c->arguments);
	c->arguments = NULL;
}

/* Reads all from a pipe, up to a bound; the rest is thrown away so that the writer can end. */
static char *read_all(int fd)
{
	char *text = calloc(1, MESSAGES_MAX + 1), rest[4096];
	size_t len = 0;
	ssize_t n;

	while (text && len < MESSAGES_MAX && (n = read(fd, text + len, MESSAGES_MAX - len)) > 0)
		len += (size_t)n;
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	return text;
}

/* Spawns the arguments with standard error in a pipe. The exit status, or -1 with errno. */
static int run(struct compilation *c, char **messages)
{
	posix_spawn_file_actions_t actions;
	int ends[2], status, error;
	pid_t child;

	if (!c->count || pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	error = posix_spawnp(&child, c->arguments[0], &actions, NULL, c->arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*messages = error ? NULL : read_all(ends[0]);
	close(ends[0]);
	errno = error;
	if (error || waitpid(child, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* clang stops after 20 errors unless told otherwise, in words that gcc does not know. */
static bool is_clang(struct compilation *c)
{
	char *version = NULL;
	bool clang;

	add(c, strdup("sh"));
	add(c, strdup("-c"));
	add(c, strdup("${CC:-cc} --version >&2"));
	clang = run(c, &version) == 0 && version && strstr(version, "clang");
	free(version);
	drop_arguments(c);
	return clang;
}

/* $CC may come with options, or behind a wrapper: "ccache gcc". */
static void add_compiler(struct compilation *c)
{
	const char *cc = getenv("CC");
	char *words = strdup(cc && cc[strspn(cc, " ")] ? cc : "cc"), *rest = NULL;

	for (char *word = words ? strtok_r(words, " ", &rest) : NULL; word;
	     word = strtok_r(NULL, " ", &rest))
		add(c, strdup(word));
	free(words);
}

/*
 * What the shim needs is in a file of options beside glue.c, which plugin/build.sh reads, too. A tree's own warnings
 * are its maintainers' business; unknown names are ours.
 */
static void add_flags(struct compilation *c)
{
	const struct tree_files *files = c->files;
	const char *shim = shim_directory();
	bool clang = is_clang(c);

	add_compiler(c);
	add(c, tree_format("@%s/plugin/compile.flags", shim));
	add(c, strdup("-fno-diagnostics-color"));
	add(c, strdup(clang ? "-ferror-limit=0" : "-fmax-errors=0"));
	add(c, tree_format("-DLINUX_VERSION_CODE=%u",
			   (files->major << 16) + (files->minor << 8) +
				   (files->patch > 255 ? 255 : files->patch)));
	add(c, strdup("-DVTDSIM_VERSION=\"" VTDSIM_VERSION "\""));
	add(c, tree_format("-I%s/tree", c->directory));
	add(c, tree_format("-I%s/include", shim));
	add(c, tree_format("-I%s", shim));
	add(c, tree_format("-I%s/../models", shim));
	add(c, tree_format("-I%s/missing", c->directory));
}

/* ---- the tree's own headers ---- */

static bool make_parents(const char *path)
{
	char *copy = strdup(path);

	for (char *slash = copy ? copy + 1 : NULL; slash && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	free(copy);
	return true;
}

static bool copy_file(const char *from, const char *to)
{
	char buf[8192];
	size_t n;
	FILE *in = fopen(from, "r"), *out = NULL;
	bool ok = false;

	if (in && make_parents(to))
		out = fopen(to, "w");
	while (out && (n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, out);
	ok = out && !ferror(in);
	if (in)
		fclose(in);
	if (out)
		ok &= fclose(out) == 0;
	return ok;
}

/*
 * VFIO's own headers come from the tree: they are what its type1 agrees on with its core. All others are the
 * shim's, so only these are put where the compiler finds them.
 */
static void copy_headers(const struct compilation *c)
{
	const char *root = c->files->root;

	for (size_t i = 0; root && tree_headers[i]; i++) {
		char *from = tree_format("%s/include/%s", root, tree_headers[i]);
		char *to = tree_format("%s/tree/%s", c->directory, tree_headers[i]);

		if (from && to && access(from, R_OK) == 0)
			copy_file(from, to);
		free(from);
		free(to);
	}
}

/* ---- messages ---- */

static void add_unknown(struct tree_build *build, const char *file, unsigned int line, char *name)
{
	struct tree_unknown *grown;

	if (!name)
		return;
	for (size_t i = 0; i < build->unknown_count; i++) {
		if (strcmp(build->unknown[i].name, name) == 0) {
			free(name);
			return;
		}
	}
	grown = realloc(build->unknown, (build->unknown_count + 1) * sizeof(*grown));
	if (!grown) {
		free(name);
		return;
	}
	build->unknown = grown;
	grown[build->unknown_count++] = (struct tree_unknown){
		.file = strdup(file),
		.line = line,
		.name = name,
	};
}

/* The word in quotes behind a phrase of the message, ASCII or UTF-8 quotes; or NULL. */
static char *quoted_behind(const char *message, const char *phrase)
{
	const char *at = strstr(message, phrase);
	const char *start, *end;

	if (!at)
		return NULL;
	start = strpbrk(at + strlen(phrase), "'\xe2");
	if (!start)
		return NULL;
	start += *start == '\'' ? 1 : 3;
	end = strpbrk(start, "'\xe2");
	return end ? strndup(start, (size_t)(end - start)) : NULL;
}

static void read_message(struct tree_build *build, const char *file, unsigned int line,
			 const char *message)
{
	static const struct {
		const char *phrase;
		const char *format;
	} kinds[] = {
		{ "implicit declaration of function", "%s()" },
		{ "call to undeclared function", "%s()" },
		{ "use of undeclared identifier", "%s" },
		{ "unknown type name", "%s" },
		{ "has no member named", "the member %s" },
		{ "no member named", "the member %s" },
		{ "incomplete definition of type", "%s" },
		{ "has incomplete type", "the type of %s" },
		{ "invalid use of undefined type", "%s" },
		{ "storage size of", "the type of %s" },
		{ "undefined reference to", "%s()" },
		{ "undefined symbol:", "%s" },
	};
	char *word = NULL;

	if (strstr(message, "No such file or directory") || strstr(message, "file not found"))
		return;
	for (size_t i = 0; !word && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		word = quoted_behind(message, kinds[i].phrase);
		/* "field 'x' has incomplete type" */
		if (!word && strstr(message, kinds[i].phrase))
			word = quoted_behind(message, "error:");
		if (word)
			add_unknown(build, file, line,
				    tree_format(strchr(word, ' ') ? "%s" : kinds[i].format, word));
	}
	if (!word && strstr(message, "undeclared")) {
		word = quoted_behind(message, "error:");
		if (word)
			add_unknown(build, file, line, strdup(word));
	}
	free(word);
}

static void read_messages(struct tree_build *build)
{
	char *copy = build->messages ? strdup(build->messages) : NULL, *rest = NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *error = strstr(line, "error:");
		char *colon = strchr(line, ':');

		if (!error || !colon || colon > error)
			continue;
		*colon = '\0';
		read_message(build, line, (unsigned int)strtoul(colon + 1, NULL, 10), error);
	}
	free(copy);
}

/* "FILE:LINE:COLUMN: fatal error: ...": at is the error. */
static void add_missing_header(struct compilation *c, const char *at, char *name)
{
	const char *start = at;
	char *file, *colon;

	while (start > c->build->messages && start[-1] != '\n')
		start--;
	file = strndup(start, (size_t)(at - start));
	colon = file ? strchr(file, ':') : NULL;
	if (colon)
		*colon = '\0';
	add_unknown(c->build, colon ? file : c->files->type1,
		    colon ? (unsigned int)strtoul(colon + 1, NULL, 10) : 0, name);
	free(file);
}

/* Stands an empty header in for one that is missing, so that the rest is seen. False: none is missing. */
static bool stand_in(struct compilation *c)
{
	const char *messages = c->build->messages ? c->build->messages : "";
	const char *at = strstr(messages, "fatal error: ");
	const char *start = at ? at + strlen("fatal error: ") : NULL, *end;
	char *name, *path;
	FILE *out;

	if (!start)
		return false;
	start += *start == '\'';
	end = start + strcspn(start, "':\n");
	name = strndup(start, (size_t)(end - start));
	path = name && strstr(name, "..") == NULL ? tree_format("%s/missing/%s", c->directory, name)
						  : NULL;
	if (!path || access(path, F_OK) == 0 || !make_parents(path)) {
		free(name);
		free(path);
		return false;
	}
	out = fopen(path, "w");
	if (out)
		fclose(out);
	add_missing_header(c, at, name);
	free(path);
	return out != NULL;
}

/* ---- steps ---- */

static bool run_step(struct compilation *c)
{
	int status;

	free(c->build->messages);
	c->build->messages = NULL;
	status = run(c, &c->build->messages);
	if (status < 0)
		c->build->error = tree_format("cannot run the C compiler '%s': %s",
					      c->count ? c->arguments[0] : "", strerror(errno));
	drop_arguments(c);
	return status == 0;
}

/* One of the tree's files. */
static bool compile_source(struct compilation *c, const char *source, const char *object)
{
	for (int i = 0; i < HEADERS_MAX; i++) {
		add_flags(c);
		add(c, strdup("-c"));
		add(c, strdup(source));
		add(c, strdup("-o"));
		add(c, tree_format("%s/%s", c->directory, object));
		if (run_step(c))
			return c->build->unknown_count == 0;
		if (c->build->error || !stand_in(c))
			break;
	}
	read_messages(c->build);
	return false;
}

/* All of them, also after one that does not compile, so that every unknown name is told at once. */
static bool compile_sources(struct compilation *c)
{
	struct tree_build *build = c->build;
	bool ok = compile_source(c, c->files->type1, "type1.o");
	char *pasid = tree_pasid(c->files->type1);
	char *first;

	if (pasid && !build->error) {
		first = build->messages;
		build->messages = NULL;
		ok &= compile_source(c, pasid, "pasid.o");
		if (first && *first && build->messages) {
			char *both = tree_format("%s%s", first, build->messages);

			free(build->messages);
			build->messages = both;
		} else if (!build->messages) {
			build->messages = first;
			first = NULL;
		}
		free(first);
	}
	free(pasid);
	return ok;
}

static bool compile_glue(struct compilation *c)
{
	add_flags(c);
	/* type1's own directory, for the core's private header */
	add(c, tree_format("-I%.*s", (int)(strrchr(c->files->type1, '/') - c->files->type1),
			   c->files->type1));
	add(c, tree_format("-DTREE_VERSION=\"%s\"", c->files->version));
	add(c, strdup("-c"));
	add(c, tree_format("%s/plugin/glue.c", shim_directory()));
	add(c, strdup("-o"));
	add(c, tree_format("%s/glue.o", c->directory));
	if (run_step(c))
		return true;
	read_messages(c->build);
	return false;
}

static bool link_plugin(struct compilation *c)
{
	char *pasid = tree_pasid(c->files->type1);

	add_compiler(c);
	add(c, tree_format("@%s/plugin/link.flags", shim_directory()));
	add(c, strdup("-o"));
	add(c, tree_format("%s/plugin.so", c->directory));
	/* modules start in this order and end in the opposite one */
	if (pasid)
		add(c, tree_format("%s/pasid.o", c->directory));
	free(pasid);
	add(c, tree_format("%s/type1.o", c->directory));
	add(c, tree_format("%s/glue.o", c->directory));
	return run_step(c);
}

bool tree_compile(const struct tree_files *files, const char *directory, struct tree_build *build)
{
	struct compilation c = { .files = files, .directory = directory, .build = build };

	copy_headers(&c);
	build->ok = compile_sources(&c) && compile_glue(&c) && link_plugin(&c);
	if (!build->ok && !build->error)
		build->error =
			build->unknown_count
				? tree_format("%s uses %zu name%s that the shim does not know: "
					      "see docs/kernel-shim.md",
					      files->type1, build->unknown_count,
					      build->unknown_count == 1 ? "" : "s")
				: tree_format("%s does not compile", files->type1);
	return build->ok;
}
