# The help in Chinese, by option and by locale, of a command with the widest options.
tcpspan stuck --lang zh --help
LC_ALL=zh_CN.UTF-8 tcpspan fleet --help
LC_ALL=zh_CN.UTF-8 tcpspan --help
