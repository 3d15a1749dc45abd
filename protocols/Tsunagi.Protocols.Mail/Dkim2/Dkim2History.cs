using System.Buffers;
using System.Text;
using Tsunagi.Protocols.Mail.Dkim;

namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>What is known of an earlier form of a message.</summary>
public enum Dkim2Past
{
    /// <summary>It was made again and fits its hashes: all that was changed since is known.</summary>
    Proven,
    /// <summary>It was made again and does not fit: more was changed than was told.</summary>
    Different,
    /// <summary>It can not be made again: the one who changed it says so, or the recipe does not fit the message.</summary>
    Lost,
}

/// <summary>
/// Makes the earlier forms of a message from the recipes of those who changed it (section 4), newest first, and holds each against its hashes. The message
/// must be all there. A form that can not be made hides those before it.
/// </summary>
public static class Dkim2History
{
    /// <summary>One answer for each change, the newest first: of a message with N forms, N-1 at most.</summary>
    /// <param name="message">The message as it came.</param>
    /// <param name="instances">Its forms, from <see cref="Dkim2Result.Instances"/>.</param>
    public static IReadOnlyList<Dkim2Past> Undo(ReadOnlySpan<byte> message, IReadOnlyList<MessageInstance> instances)
    {
        ArgumentNullException.ThrowIfNull(instances);
        var past = new List<Dkim2Past>();
        byte[] current = message.ToArray();
        for (int i = instances.Count - 1; i > 0; i--)
        {
            if (instances[i].Recipe is not { IsBodyLost: false } recipe || Apply(current, recipe) is not { } before)
            {
                past.Add(Dkim2Past.Lost);
                break;
            }

            past.Add(Fits(before, instances[i - 1]) ? Dkim2Past.Proven : Dkim2Past.Different);
            current = before;
        }

        return past;
    }

    /// <summary>The message before a change; null when the recipe does not fit it.</summary>
    public static byte[]? Apply(ReadOnlySpan<byte> message, MessageRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        HeaderSection header = HeaderSection.Read(message);
        var output = new ArrayBufferWriter<byte>(message.Length + 1024);
        if (!TryWriteHeader(header, recipe, output))
        {
            return null;
        }

        output.Write("\r\n"u8);
        ReadOnlySpan<byte> body = message[Math.Min(header.BodyOffset, message.Length)..];
        if (recipe.Body.IsDefault)
        {
            output.Write(body);
            return output.WrittenSpan.ToArray();
        }

        return TryWriteBody(body, recipe, output) ? output.WrittenSpan.ToArray() : null;
    }

    private static bool Fits(byte[] message, MessageInstance instance)
    {
        HeaderSection header = HeaderSection.Read(message);
        using var body = new BodyHasher(Canonicalization.Simple, limit: null);
        body.Append(message.AsSpan(Math.Min(header.BodyOffset, message.Length)));
        body.Complete();
        return Dkim2Hash.OfHeader(header).AsSpan().SequenceEqual(instance.HeaderHash.Span) && body.Hash.SequenceEqual(instance.BodyHash.Span);
    }

    // Fields that the recipe does not name stay; of those it names the ones it makes are put on top, the last made uppermost.
    private static bool TryWriteHeader(HeaderSection header, MessageRecipe recipe, ArrayBufferWriter<byte> output)
    {
        foreach ((string name, var steps) in recipe.Fields)
        {
            int[] bottomUp = [.. header.Find(name).Reverse()];
            var made = new List<byte[]>();
            foreach (RecipeStep step in steps)
            {
                if (step.End > bottomUp.Length)
                {
                    return false;
                }

                for (int i = step.Start; i > 0 && i <= step.End; i++)
                {
                    made.Add(header.Raw(bottomUp[i - 1]).ToArray());
                }

                made.AddRange(step.Given.Select(value => Encoding.UTF8.GetBytes($"{name}:{value}")));
            }

            for (int i = made.Count - 1; i >= 0; i--)
            {
                output.Write(made[i]);
                output.Write("\r\n"u8);
            }
        }

        for (int i = 0; i < header.Count; i++)
        {
            if (!recipe.Fields.ContainsKey(header.Name(i).ToLowerInvariant()))
            {
                output.Write(header.Raw(i));
                output.Write("\r\n"u8);
            }
        }

        return true;
    }

    private static bool TryWriteBody(ReadOnlySpan<byte> body, MessageRecipe recipe, ArrayBufferWriter<byte> output)
    {
        int line = 1;
        foreach (RecipeStep step in recipe.Body)
        {
            for (; step.Start > 0 && line <= step.End; line++)
            {
                if (body.IsEmpty)
                {
                    return false;
                }

                int end = body.IndexOf("\r\n"u8);
                ReadOnlySpan<byte> text = end < 0 ? body : body[..end];
                body = end < 0 ? default : body[(end + 2)..];
                if (line >= step.Start)
                {
                    output.Write(text);
                    output.Write("\r\n"u8);
                }
            }

            foreach (string given in step.Given)
            {
                output.Write(Encoding.UTF8.GetBytes(given + "\r\n"));
            }
        }

        return true;
    }
}
