# What check says of a recording, in Chinese.
tcpspan check --lang zh -i recordings/mixed.tsp
