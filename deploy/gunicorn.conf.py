"""How the web processes of a real site run.

python -m gunicorn -c deploy/gunicorn.conf.py bizsecure.wsgi
"""

from __future__ import annotations

import multiprocessing
import os

bind = os.environ.get("WEB_BIND", "unix:/run/portal/web.sock")
workers = int(os.environ.get("WEB_WORKERS", multiprocessing.cpu_count() + 1))
worker_class = "gthread"
threads = 4
# A page takes milliseconds; what takes longer is work for the tasks.
timeout = 30
graceful_timeout = 30
# Memory that a library keeps is given back now and then, not by all workers at once.
max_requests = 5000
max_requests_jitter = 500
# A page sends no more than a form; nginx has cut off what is larger.
limit_request_line = 4094
limit_request_fields = 60
# nginx in front of it writes the access log, without addresses. A second one would have them.
accesslog = None
errorlog = "-"
# systemd and Docker steer it by signals, and its file system is closed to it.
control_socket_disable = True
# In memory: a slow disk must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm"  # noqa: S108  gunicorn makes a file of its own there
forwarded_allow_ips = os.environ.get("WEB_TRUSTS", "127.0.0.1,::1")
