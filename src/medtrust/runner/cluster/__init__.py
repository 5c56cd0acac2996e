"""The same loop on many machines: each replica of a model asks batches of a run's questions.

```
journal -> batches -> replica (loop, notebook) -> segments in a shared place -> journal
           driver    one process a replica                                     driver
```

Ray places replicas, restarts them and tells the driver of their deaths (`actors`, the one module
that knows Ray). The driver owns the run's folder (`spread`). What a replica answered is safe once
its segment lies in the shared place (`store`, `segment`): a driver that was killed finds it there
when it is started again (`intake`).
"""
