"""Recurrent networks on cognitive and motor tasks, and the comparison of their dynamics. Importing this is light."""
