-- First letters of the pinyin of Chinese characters.
SELECT * FROM qm.initials()
