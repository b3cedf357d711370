import torch

from training.starter import meanings, vocabulary


def test_words_that_mean_alike_start_alike() -> None:
    words = ["river", "stream", "lake", "doctor", "nurse", "patient", "seven", "eight", "nine"]
    tokenizer = vocabulary.learn([" " + " ".join(words)] * 50, 330)
    table = meanings.table(tokenizer, 16, torch.Generator().manual_seed(0))
    rows = {word: table[tokenizer.token_to_id(f"Ġ{word}")] for word in words}
    near = torch.cosine_similarity(rows["doctor"], rows["nurse"], dim=0)
    assert table.shape == (tokenizer.get_vocab_size(), 16)
    assert near > torch.cosine_similarity(rows["doctor"], rows["seven"], dim=0)
