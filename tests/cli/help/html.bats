# The manual as HTML, and the lines of whatis(1).
#
# shellcheck disable=SC2154 # python is of common.bash

load ../lib/common

@test "every page is made, refers to one style sheet, and its links lead to a place" {
	need mandoc
	"$USOCK_SOURCE/docs/html/make" html
	[ -s html/manual.css ]
	for page in "$USOCK_SOURCE"/man/usock*.[1-9]; do
		grep -q 'href="manual.css"' "html/${page##*/}.html"
		grep -q "href=\"${page##*/}.html\"" html/index.html
	done
	"$python" -IS - html <<-'END'
		import html.parser, pathlib, sys
		folder = pathlib.Path(sys.argv[1])
		class Page(html.parser.HTMLParser):
		    def __init__(self, path):
		        super().__init__()
		        self.links, self.ids, self.fetched = [], set(), []
		        self.feed(path.read_text())
		    def handle_starttag(self, tag, attributes):
		        a = dict(attributes)
		        self.ids.add(a.get("id"))
		        if tag == "a" and "href" in a: self.links.append(a["href"])
		        self.fetched += [a[name] for name in ("src", "href") if name in a and tag != "a"]
		pages = {path.name: Page(path) for path in folder.glob("*.html")}
		bad = []
		for name, page in pages.items():
		    bad += [f"{name}: fetches {what}" for what in page.fetched if what != "manual.css"]
		    for link in page.links:
		        if link.startswith("https://manpages.debian.org/") and "/usock" not in link: continue
		        target, _, place = link.partition("#")
		        there = pages.get(target or name)
		        if there is None or (place and place not in there.ids): bad.append(f"{name}: {link}")
		assert len(pages) > 10 and sum(len(page.links) for page in pages.values()) > 500
		sys.exit("\n".join(bad) or 0)
	END
}

# NAME SECTION and the summary, as makewhatis and mandb read them.
summaries() {
	for page in "$USOCK_SOURCE"/man/*.[1-9]; do
		printf '%s\t%s\n' "$(basename "$page")" "$(sed -n 's/^\.Nd //p' "$page")"
	done
}

@test "whatis: each page has its own name and one line, which is the summary of its command" {
	local name summary
	summaries >lines
	while IFS=$'\t' read -r name summary; do
		[ "$(sed -n '/^\.Sh NAME/{n;p}' "$USOCK_SOURCE/man/$name")" = ".Nm ${name%.*}" ]
		[ -n "$summary" ] && [[ $summary != *. ]] && [ ${#summary} -le 100 ]
		grep -q -x "\.Dt ${name%.*} ${name##*.}" <(sed 's/^\.Dt.*/\L&/; s/^\.dt/.Dt/' "$USOCK_SOURCE/man/$name")
	done <lines
	[ -z "$(cut -f 2 lines | sort | uniq -d)" ]
	"$USOCK" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  *\(.*\)/\1\t\2/p' >commands
	[ "$(wc -l <commands)" -ge 9 ]
	while IFS=$'\t' read -r name summary; do
		grep -q -F -x "usock-$name.1"$'\t'"$summary" lines || fail "$name: $summary"
	done <commands
}
