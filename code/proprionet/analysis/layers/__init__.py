"""What a layer represents as a whole: dissimilarity, similarity of layers, maps."""
