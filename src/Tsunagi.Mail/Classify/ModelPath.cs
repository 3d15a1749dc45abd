using Tsunagi.Core.Verbs;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Classify;

/// <summary>Where the shared model lies, and how it is replaced: a file of the data directory unless told otherwise.</summary>
internal static class ModelPath
{
    public const string FileName = "mail-classifier.model";

    /// <summary>Longest file that is read.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    /// <summary>Reads a model for a verb.</summary>
    /// <exception cref="WrongInputException">It is not there, or no model.</exception>
    public static LinearModel Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new WrongInputException($"there is no model at {path}: make one with tsunagi mail train --spam DIR --ham DIR");
        }

        try
        {
            return new FileInfo(path).Length > MaxBytes ? throw new WrongInputException($"{path} is longer than a model may be")
                : ModelFile.TryRead(File.ReadAllBytes(path), out var model, out var problem) ? model!
                : throw new WrongInputException($"the model {path} cannot be read: {problem}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the model {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>Puts a model in place of another: whoever reads sees the old one or the new one, whole, also after a power loss.</summary>
    /// <exception cref="WrongInputException">The place cannot be written.</exception>
    public static void Write(string path, byte[] model)
    {
        var beside = path + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                file.Write(model);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the model cannot be written to {path}: {e.Message}; name another place with --model");
        }
    }
}
