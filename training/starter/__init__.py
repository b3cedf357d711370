"""The bundled starter model, trained from scratch by `python -m training.starter`.

Order of reading: `sources` and `corpus` (text and licences), `vocabulary` (BPE tokenizer), `formats` (prompts),
`tasks`, `coined`, `invented`, `lookups` and `reading` (exercises made here), `mixture` and `packing` (one token file),
`shape` and `copying` (the first weights), `network` (the lean forward pass), `rounding`, `fitting` (the loop),
`probes`, `lora_exam`, `lora_facts` and `measure` (what is measured), `curve` and `card` (what is told).
"""
