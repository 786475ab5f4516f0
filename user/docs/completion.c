// SPDX-License-Identifier: GPL-2.0-only
/* The completions of bash, derived from the tables of commands and options. */
#include "user/docs/completion.h"

#include <stdio.h>
#include <string.h>

#include "user/aggregate/textbook.h"
#include "user/names/netns.h"
#include "user/option/table.h"

static const char completion_head[] =
	"# bash completion for tcpspan\n"
	"\n"
	"# Replies with those of the words that begin with $1. What a shell would take for more\n"
	"# than a name is none: somebody may have called a file so.\n"
	"_tcpspan_reply()\n"
	"{\n"
	"\tlocal begun=$1 word quoted\n"
	"\tCOMPREPLY=()\n"
	"\tfor word in \"${@:2}\"; do\n"
	"\t\tprintf -v quoted %q \"$word\"\n"
	"\t\t[[ $word == \"$begun\"* && $word == \"$quoted\" ]] && COMPREPLY+=(\"$word\")\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# The same for the last of a list; what stands before its comma is kept.\n"
	"_tcpspan_reply_list()\n"
	"{\n"
	"\tlocal kept='' i\n"
	"\t[[ $1 == *,* ]] && kept=${1%,*},\n"
	"\t_tcpspan_reply \"${1##*,}\" \"${@:2}\"\n"
	"\tfor i in \"${!COMPREPLY[@]}\"; do\n"
	"\t\tCOMPREPLY[i]=$kept${COMPREPLY[i]}\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# Folders of the cgroup2 mount, by their path in it, or any by an absolute path.\n"
	"_tcpspan_cgroups()\n"
	"{\n"
	"\tlocal top type rest\n"
	"\tif [[ $1 != /* ]]; then\n"
	"\t\twhile read -r _ top type rest; do\n"
	"\t\t\t[[ $type == cgroup2 ]] && break\n"
	"\t\tdone </proc/self/mounts\n"
	"\t\t[[ $type == cgroup2 ]] || return 0\n"
	"\tfi\n"
	"\tmapfile -t COMPREPLY < <(cd \"${top:-/}\" 2>/dev/null &&\n"
	"\t\tcompgen -d ${top:+-S /} -- \"$1\")\n"
	"\tcompopt -o nospace -o filenames 2>/dev/null\n"
	"}\n"
	"\n"
	"# Names that ip-netns(8) knows, or files by a path.\n"
	"_tcpspan_namespaces()\n"
	"{\n"
	"\tlocal file names=(self)\n"
	"\tif [[ $1 == */* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\treturn 0\n"
	"\tfi\n";

static const char completion_processes[] =
	"\n"
	"_tcpspan_processes()\n"
	"{\n"
	"\tlocal all=(/proc/[0-9]*)\n"
	"\t_tcpspan_reply_list \"$1\" \"${all[@]#/proc/}\"\n"
	"}\n"
	"\n"
	"_tcpspan()\n"
	"{\n"
	"\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command\n"
	"\tCOMPREPLY=()\n"
	"\t# --option=value is three words here.\n"
	"\tif [[ $word == = ]]; then\n"
	"\t\tword=\n"
	"\telif [[ $before == = ]]; then\n"
	"\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n";

static const char files[] = "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
			    "\t\tcompopt -o filenames 2>/dev/null\n";

/* How the arguments of a type are completed; of none, or by names, where it is not here. */
static const char *const completions[OPTION_TYPE_COUNT] = {
	[OPTION_FILE] = files,
	[OPTION_FILES] = files,
	[OPTION_PIDS] = "\t\t_tcpspan_processes \"$word\"\n",
	[OPTION_NETNS] = "\t\t_tcpspan_namespaces \"$word\"\n",
	[OPTION_CGROUP] = "\t\t_tcpspan_cgroups \"$word\"\n",
};

static void completion_states(void)
{
	for (unsigned int i = 1; i < STATE_COUNT; i++)
		printf(" %s", state_lower_name(i));
}

/* "-i | --input", behind `before`. */
static void completion_case(const struct option_spec *s, const char *before)
{
	fputs(before, stdout);
	if (s->letter)
		printf("-%c%s", s->letter, s->name ? " | " : "");
	if (s->name)
		printf("--%s", s->name);
}

static bool is_offered(const struct option_spec *s)
{
	return completions[s->type] || s->names || s->type == OPTION_STATE ||
	       s->type == OPTION_STATES;
}

/* Whether the command has no use for this one of its names, whatever else is said. */
static bool is_refused(const struct option_spec *s, const char *name, size_t command)
{
	for (const struct option_rule *r = option_rules; r < option_rules + option_rule_count; r++)
		if (r->commands >> command & 1 && r->said.value && !r->other.name && !r->is_idle &&
		    r->relation == OPTION_EXCLUDES && option_find(r->said.name) == s &&
		    !strcmp(r->said.value, name))
			return true;
	return false;
}

static bool is_any_refused(const struct option_spec *s, size_t command)
{
	for (const struct option_name *n = s->names; n && n->name; n++)
		if (is_refused(s, n->name, command))
			return true;
	return false;
}

/* What one command takes, or COMMAND_COUNT: all that do not refuse any. */
static void completion_words(const struct option_spec *s, size_t command, bool is_list)
{
	printf("\t\t_tcpspan_reply%s \"$word\"", is_list ? "_list" : "");
	for (const struct option_name *n = s->names; n && n->name; n++)
		if (command == COMMAND_COUNT || !is_refused(s, n->name, command))
			printf(" %s", n->name);
	if (s->type == OPTION_STATES)
		fputs(" " OPTION_STATES_SHORT " " OPTION_STATES_ALL, stdout);
	if (s->type == OPTION_STATE || s->type == OPTION_STATES)
		completion_states();
	putchar('\n');
}

static void completion_argument(const struct option_spec *s)
{
	bool is_list = s->type == OPTION_SET || s->type == OPTION_STATES;

	completion_case(s, "\t");
	fputs(")\n", stdout);
	if (completions[s->type])
		fputs(completions[s->type], stdout);
	else
		completion_words(s, COMMAND_COUNT, is_list);
	/* The last reply is the one that stands. */
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!is_any_refused(s, i))
			continue;
		printf("\t\t[[ ${COMP_WORDS[1]} != %s ]] ||\n\t", command_specs[i].name);
		completion_words(s, i, is_list);
	}
	if (is_list)
		fputs("\t\tcompopt -o nospace 2>/dev/null\n", stdout);
	fputs("\t\treturn 0\n\t\t;;\n", stdout);
}

/* It takes no argument: what may follow it is a story, or the next option. */
static void completion_stories(void)
{
	fputs("\t--demo)\n\t\tif [[ $word != -* ]]; then\n\t\t\t_tcpspan_reply \"$word\"", stdout);
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++)
		printf(" %s", textbook[i].name);
	fputs("\n\t\t\treturn 0\n\t\tfi\n\t\t;;\n", stdout);
}

/* Those of which nothing is known, and then nothing is offered, are one case. */
static void completion_arguments(void)
{
	const char *before = "\t";

	fputs("\tcase $before in\n", stdout);
	completion_stories();
	for (EACH_OPTION(s))
		if (s->argument && is_offered(s))
			completion_argument(s);
	for (EACH_OPTION(s)) {
		if (!s->argument || is_offered(s))
			continue;
		completion_case(s, before);
		before = " | ";
	}
	fputs(")\n\t\treturn 0\n\t\t;;\n\tesac\n", stdout);
}

static void completion_options(void)
{
	fputs("\tcase $command in\n", stdout);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		printf("\t%s)\n\t\t_tcpspan_reply \"$word\"", command_specs[i].name);
		for (EACH_OPTION(s)) {
			if (!option_is_shown_for(s, &command_specs[i]))
				continue;
			if (s->letter)
				printf(" -%c", s->letter);
			if (s->name)
				printf(" --%s", s->name);
		}
		fputs("\n\t\t;;\n", stdout);
	}
	fputs("\tesac\n", stdout);
}

static void completion_commands(void)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf(" %s", command_specs[i].name);
}

void completion_print(void)
{
	fputs(completion_head, stdout);
	fputs("\tfor file in", stdout);
	for (size_t i = 0; i < netns_folder_count; i++)
		printf(" %s/*", netns_folders[i]);
	fputs("; do\n\t\t[[ -e $file ]] && names+=(\"${file##*/}\")\n\tdone\n"
	      "\t_tcpspan_reply_list \"$1\" \"${names[@]}\"\n}\n",
	      stdout);
	fputs(completion_processes, stdout);
	completion_arguments();
	fputs("\tif ((COMP_CWORD == 1)) && [[ $word != -* ]]; then\n\t\t_tcpspan_reply \"$word\"",
	      stdout);
	completion_commands();
	printf("\n\t\treturn 0\n\tfi\n\tif [[ $word != -* && ${COMP_WORDS[1]} == %s ]]; then\n"
	       "%s\t\treturn 0\n\tfi\n",
	       command_specs[COMMAND_DIFF].name, files);
#define X(NAME, name) " " name
	printf("\tif [[ $word != -* && ${COMP_WORDS[1]} == %s ]]; then\n"
	       "\t\t_tcpspan_reply \"$word\"%s\n\t\treturn 0\n\tfi\n",
	       command_specs[COMMAND_FLEET].name, FLEET_QUERIES(X));
#undef X
	fputs("\tif ((COMP_CWORD == 2)) && [[ ${COMP_WORDS[1]} == help ]]; then\n"
	      "\t\t_tcpspan_reply \"$word\"",
	      stdout);
	completion_commands();
	fputs("\n\t\treturn 0\n\tfi\n", stdout);
	fputs("\t[[ $word == -* ]] || return 0\n\tcommand=${COMP_WORDS[1]}\n"
	      "\t[[ $command != -* ]] || command=",
	      stdout);
	printf("%s\n", command_specs[0].name);
	completion_options();
	fputs("}\ncomplete -F _tcpspan tcpspan\n", stdout);
}
