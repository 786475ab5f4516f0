# SPDX-License-Identifier: GPL-2.0-only
"""The pictures of the benchmark, drawn by gnuplot from the figures that the parts have left."""

from statistics import median

import part
from tracers import SUBJECTS

OWN, PEER = "#1f6f9f", "#b0b0b0"


def overhead(details):
	"""The connection rate that each tracer leaves; the smallest and greatest of all rounds."""
	rows = []
	for subject in SUBJECTS:
		kept = [r["kept"] for r in details["rate"].get(subject.key, [])]
		if kept:
			rows.append((subject, median(kept), min(kept), max(kept)))
	rows.reverse()
	names = ", ".join(f"'{row[0].name}' {i}" for i, row in enumerate(rows))
	def boxes(is_own):
		return "".join(f"{i} {mid} {low} {high}\n"
			for i, (s, mid, low, high) in enumerate(rows)
			if s.is_own == is_own) or "0 NaN NaN NaN\n"
	style = "using (0):1:(0):2:($1-0.32):($1+0.32) with boxxyerror fs solid 1 noborder"
	return ("set title 'Connections a second that a tracer leaves of those without one'\n"
		f"set yrange [-0.6:{len(rows) - 0.4}]\nset xrange [0:1.08]\nset key off\n"
		f"set ytics ({names})\nunset grid\nset grid xtics lc rgb '#e0e0e0'\n"
		"set arrow from 1,graph 0 to 1,graph 1 nohead dt 2 lc rgb '#808080'\n"
		f"$own << END\n{boxes(True)}END\n$peer << END\n{boxes(False)}END\n"
		f"plot $own {style} lc rgb '{OWN}', $peer {style} lc rgb '{PEER}', \\\n"
		"$own using 2:1:3:4 with xerrorbars pt 0 lc rgb '#303030', \\\n"
		"$peer using 2:1:3:4 with xerrorbars pt 0 lc rgb '#303030', \\\n"
		"$own using (0.03):1:(sprintf('%.2f', $2)) with labels left tc rgb '#ffffff', \\\n"
		"$peer using (0.03):1:(sprintf('%.2f', $2)) with labels left\n")


def scale(rows):
	"""ns for each event over the number of live connections."""
	points = "".join(f"{row['live']:.0f} {row['ns']:.1f}\n" for row in rows)
	return ("set logscale x\nset xrange [1000:1000000]\nset format x '%.0s%c'\n"
		"set yrange [0:*]\nset key off\n"
		"set title 'Time of an event in the connection table'\n"
		"set xlabel 'live connections'\nset ylabel 'ns'\n"
		f"$data << END\n{points}END\n"
		f"plot $data with linespoints lw 2 pt 7 ps 0.6 lc rgb '{OWN}'\n")


def producers(details):
	"""Events a second that are made, that a ring takes and that a reader takes, over cores."""
	plots, data = [], []
	for i, (name, points) in enumerate(details["lines"].items()):
		lines = "".join(f"{x} {y}\n" for x, y in points)
		data.append(f"$line{i} << END\n{lines}END\n")
		plots.append(f"$line{i} with linespoints lw 2 pt 7 ps 0.6 title '{name}'")
	return ("set logscale xy\nset key bottom right\n"
		"set xtics (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)\n"
		"set title 'A simulation of many cores: how far one ring and one reader go'\n"
		"set xlabel 'cores'\nset ylabel 'million events a second'\n"
		+ "".join(data) + "plot " + ", \\\n".join(plots) + "\n")


PICTURES = (("run", "overhead", "720,360", overhead), ("scale", "scale", "640,360", scale),
	("producers", "producers", "640,360", producers))


def draw_all(folder, only=None):
	"""Each picture whose part was run, into `folder`."""
	for name, picture, size, commands in PICTURES:
		_, details = part.kept(name)
		if details and only in (None, name):
			part.draw(f"{folder}/{picture}.svg", size, commands(details))
