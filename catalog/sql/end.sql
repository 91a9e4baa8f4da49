-- Ends what was changed or removed.
UPDATE {feature} f SET _until = @version
WHERE _until IS NULL AND NOT @others AND _key <> ALL (@kept::text[])
  AND NOT EXISTS (SELECT FROM {next} n WHERE n._key = f._key AND n._state = 'same')
  OR _until IS NULL AND EXISTS (SELECT FROM {next} n WHERE n._key = f._key AND n._state = 'changed');
