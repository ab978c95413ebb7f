"""The validate step: is the file what its route demands?"""
