# The stories of the textbook, as they are built in, for people of both languages.
for language in en zh; do
	tcpspan explain --demo --lang $language
	for story in $(tcpspan explain --demo 2>/dev/null | cut -d' ' -f1); do
		tcpspan explain --demo $story --recorded --lang $language
	done
done
LC_ALL=zh_CN.UTF-8 tcpspan explain --demo refused --recorded
LC_ALL= LC_MESSAGES=zh LANG=en_US.UTF-8 tcpspan explain --demo refused --recorded | tail -1
LC_ALL=zhuang LANG=zh_TW tcpspan explain --demo refused --recorded | tail -1
printf 'SYN-SENT\n\nestab\nsyn_recv\nsoon\nestablished\nESTAB' |
	tcpspan explain --demo open-close --recorded --ask | head -40
yes syn_sent | head -30 | tcpspan explain --demo refused --recorded --ask --lang zh
for language in en zh; do
	COLUMNS=60 tcpspan explain --demo cookies --recorded --lang $language | head -3
	COLUMNS=60 tcpspan explain --demo leak --recorded --lang $language 2>/dev/null | tail -9 | head -4
done
