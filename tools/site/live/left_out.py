"""What no page needs of Python and its wheels: it is left out of the site, so that less is on the way.

Whoever changes this runs tests/site/live with the real Python: every explorer, every lesson, and the modules that a
learner may import.
"""

from __future__ import annotations

import re

ENCODINGS = (  # those of today's texts, and of the names in a zip; the others are of old machines
    r"__init__|aliases|ascii|base64_codec|bz2_codec|charmap|cp1252|cp437|hex_codec|idna|iso8859_1|iso8859_15|latin_1"
    r"|punycode|quopri_codec|raw_unicode_escape|rot_13|undefined|unicode_escape|utf_\w+|uu_codec|zlib_codec"
)
OF_PYTHON = (
    r"__hello__|__phello__/|.*\.(ini|txt|ctypes)$",
    # A worker has no terminal, no processes, no sockets, no mail, and is not Windows.
    r"_pyrepl/(?!__init__|pager)|(pty|tty|optparse)\.py|asyncio/(windows_|proactor_|tools|__main__)",
    r"multiprocessing/|concurrent/(interpreters/|futures/(process|interpreter))",
    r"(imaplib|ftplib|poplib|smtplib|mailbox|netrc|socketserver)\.py|http/(server|cookie)|xmlrpc/|wsgiref/",
    r"email/(_header_value_parser|headerregistry|policy|contentmanager|mime/)|logging/(handlers|config)",
    r"ctypes/(_aix|macholib|wintypes)",
    # Debuggers and builders; what stands in for parts in C; parsers of XML but for its tree.
    r"(pdb|bdb|doctest|trace|tabnanny|pyclbr|modulefinder|compileall|zipapp|pickletools)\.py",
    r"(_pyio|_pydatetime|sre_\w+)\.py|xml/(dom|sax)/",
    rf"encodings/(?!({ENCODINGS})\.py)",
)
OF_WHEELS = (
    # Types, tests, builders, lists of what was installed.
    r".*\.(pyi|c|h|a|lib|pxd|npz|afm)$|.*/(tests|testing/data|include)/|.*\.dist-info/RECORD$",
    r"numpy/(f2py|typing|_pyinstaller)/|numpy/linalg/lapack_lite\.",  # the last is there for those who know it of old
    # Of pictures: the formats of the web, of phones and of scanners.
    r"PIL/(?!Bmp|Gif|JpegI|Mpo|Png|Ppm|Tiff|WebP)\w+ImagePlugin\.py|PIL/(_imagingtk|Image(Cms|Grab|Qt|Tk|Win)\.)",
    r"PIL/(PSDraw|PdfParser|(Bdf|Pcf)FontFile|(Gd|Wal)ImageFile)\.py",
    # Of curves: what draws into windows and PDFs, fonts but for two families, triangulations of scattered points.
    r"mpl_toolkits/ax|matplotlib/mpl-data/(sample_data|images|plot_directive)/|matplotlib/(sphinxext|testing)/",
    r"matplotlib/backends/(_(backend_)?tk|qt_|web_backend/|backend_(cairo|gtk|macosx|nbagg|pdf|pgf|ps|qt|tk|webagg|wx))",
    r"matplotlib/mpl-data/fonts/ttf/(?!DejaVuSans(-|Display|\.)|STIX).*\.ttf$|matplotlib/(_qhull|_tri)\.",
    r"dateutil/zoneinfo/.*\.gz$|pyparsing/(ai|diagram|tools)/|packaging/(licenses/|metadata|pylock)",
)
LEFT_OUT = {"python_stdlib.zip": re.compile("|".join(OF_PYTHON)), ".whl": re.compile("|".join(OF_WHEELS))}

# A learner may ask NumPy and Python themselves for help. What draws is code only: it loads faster so, too.
BARE = re.compile(
    r"(PIL|contourpy|dateutil|matplotlib|mpl_toolkits|packaging|pyparsing|numpy/(ma|polynomial|testing))/.*\.py$"
)
