/* The XDG base directory specification for the data; for the helpers, wherever the program itself was put. */
#include "cli/places.h"

#include "os/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *set(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

char *places_data(void)
{
	const char *data = set("HILF_DATA"), *xdg = set("XDG_DATA_HOME"), *home = set("HOME");
	if (data)
		return strdup(data);
	/* The specification has relative paths ignored. */
	if (xdg && *xdg == '/')
		return file_join(xdg, "hilf");
	return home ? file_join(home, ".local/share/hilf") : NULL;
}

/* dir/below, if the helpers are there. */
static char *try_place(const char *dir, const char *below)
{
	char *place = *below ? file_join(dir, below) : strdup(dir);
	char *seal = place ? file_join(place, "hilf-seal") : NULL;
	bool there = seal && access(seal, X_OK) == 0;
	free(seal);
	char *whole = there ? realpath(place, NULL) : NULL;
	free(place);
	return whole;
}

char *places_helpers(void)
{
	static const char *const below[] = {"", "src/proc", "../proc", "../libexec/hilf"};
	char self[4096];
	if (set("HILF_HELPERS"))
		return strdup(set("HILF_HELPERS"));
	ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
	if (size > 0) {
		self[size] = '\0';
		*strrchr(self, '/') = '\0';
		for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
			char *place = try_place(self, below[i]);
			if (place)
				return place;
		}
	}
	return try_place(HILF_LIBEXECDIR, "");
}
