"""One session of Spark for all tests that need one, since it takes seconds to start."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A local session of Spark on two threads."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PySpark about the versions of other packages
        from pyspark.sql import SparkSession

        settings = {
            "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR",
            "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2", "spark.driver.host": "127.0.0.1",
        }  # fmt: skip
        builder = SparkSession.builder.master("local[2]").appName("tests")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
    yield session
    session.stop()
