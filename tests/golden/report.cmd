# The page of a report, and the same in Chinese, without what no recording changes; what changed.
bare() {
	sed -e '/<style>/,/<\/style>/d' -e '/<script>/,/<\/script>/d' -e "s/sha256-[^']*/HASH/g" \
		-e 's/tcpspan [0-9][0-9.]*\./tcpspan VERSION./'
}
tcpspan report -i recordings/mixed.tsp -o - | bare
tcpspan report -i recordings/lossy.tsp -o - --lang zh | bare
tcpspan report -i recordings/after.tsp --compare recordings/before.tsp -o - |
	sed -n -e '/class="verdict"/,/<\/ol>/p' -e '/<section id="changes"/,/<\/section>/p'
