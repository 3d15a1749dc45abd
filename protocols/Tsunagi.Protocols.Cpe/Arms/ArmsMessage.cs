namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>A request or response of ARMS, the protocol of SEIL and SMF.</summary>
public sealed record ArmsMessage
{
    /// <summary>Whether it answers a request.</summary>
    public bool IsResponse { get; init; }

    /// <summary>"rs-solicitation", "config-solicitation", "push-method-query", "configure-start", "configure-done", …</summary>
    public required string Type { get; init; }

    /// <summary>How a transaction ended, in a request whose type ends with -done.</summary>
    public int? TransactionResult { get; init; }

    /// <summary>Of the service adaptor, in a request.</summary>
    public DistributionId? DistributionId { get; init; }

    /// <summary>Where the -done request is to go, in a -start request.</summary>
    public string? ResultUrl { get; init; }

    /// <summary>Which transaction.</summary>
    public long? TransactionId { get; init; }

    /// <summary>How the request was taken, in a response: one of <see cref="ArmsResult"/>.</summary>
    public int? ResultCode { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>What is in the element named after the type; null when there is no such element.</summary>
    public IReadOnlyList<ArmsField>? Body { get; init; }

    /// <summary>The text of the first field of this name; null when there is none.</summary>
    public string? this[string name] => Body?.FirstOrDefault(field => field.Name == name)?.Text;

    /// <summary>The texts of all fields of this name.</summary>
    public IReadOnlyList<string> All(string name) => [.. Body?.Where(field => field.Name == name).Select(static field => field.Text) ?? []];
}

/// <summary>An element of a message.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Text">Empty where it holds elements.</param>
public sealed record ArmsField(string Name, string Text = "")
{
    /// <summary>Attributes in order: id, version, type, encoding, commit-order, result, hop.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>Elements in it.</summary>
    public IReadOnlyList<ArmsField> Fields { get; init; } = [];

    /// <summary>The value of an attribute; null when there is none.</summary>
    public string? Attribute(string name)
    {
        foreach (var (key, value) in Attributes)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The octets of a configuration or result that says encoding="base64"; those of its text otherwise. False when the text is no base64.</summary>
    public bool TryGetContent(out byte[] content)
    {
        if (Attribute("encoding") != "base64")
        {
            content = System.Text.Encoding.UTF8.GetBytes(Text);
            return true;
        }

        content = new byte[Text.Length];
        var known = Convert.TryFromBase64String(Text, content, out var length);
        content = known ? content[..length] : [];
        return known;
    }
}

/// <summary>Result codes.</summary>
public static class ArmsResult
{
    /// <summary>Done.</summary>
    public const int Success = 100;

    /// <summary>The message is no XML.</summary>
    public const int InvalidXml = 201;

    /// <summary>Such a message is not taken here.</summary>
    public const int InvalidType = 202;

    /// <summary>A part of the message is wrong.</summary>
    public const int InvalidParameter = 203;

    /// <summary>The server cannot answer just now; the adaptor asks again.</summary>
    public const int ServerBusy = 301;

    /// <summary>Who asks is not allowed to.</summary>
    public const int Authentication = 403;

    /// <summary>The adaptor is known, and is to wait.</summary>
    public const int StandBy = 404;

    /// <summary>There is no such transaction.</summary>
    public const int Transaction = 412;

    /// <summary>There is no such service adaptor.</summary>
    public const int UnknownDistributionId = 420;

    /// <summary>There is no configuration for it.</summary>
    public const int NoConfiguration = 421;

    /// <summary>Another distribution id than the one that was shown.</summary>
    public const int DistributionIdMismatch = 423;

    /// <summary>The server has no such method of push.</summary>
    public const int NotSupported = 505;

    /// <summary>The adaptor stops and does not try again.</summary>
    public const int OutOfService = 501;

    /// <summary>The words of a code; empty for a code that is not known.</summary>
    public static string NameOf(int code) => code switch
    {
        100 => "Success",
        102 => "Execution error",
        201 => "Invalid XML",
        202 => "Invalid type",
        203 => "Invalid parameter",
        301 => "Server busy",
        302 => "Service adaptor busy",
        303 => "Module syncing",
        400 => "Failure",
        403 => "Authentication failure",
        404 => "Service adaptor stands by",
        405 => "Not found",
        406 => "Too many transactions",
        410 => "Validation failure",
        411 => "Commit failure",
        412 => "Transaction failure",
        414 => "Service adaptor rolled back",
        415 => "System error",
        417 => "Invalid hardware",
        418 => "Invalid firmware",
        419 => "Module synchronisation needed",
        420 => "Distribution id not found",
        421 => "Configuration not found",
        422 => "Multiple request",
        423 => "Distribution id mismatch",
        501 => "Out of service",
        502 => "Push failed",
        503 => "Reboot needed",
        504 => "Address mismatch",
        505 => "Not supported",
        506 => "Server moved",
        507 => "Invalid type",
        508 => "Rollback failure",
        _ => "",
    };

    /// <summary>Whether the adaptor asks again by itself; with 501 it stops.</summary>
    public static bool IsTriedAgain(int code) => code is >= 300 and < 500;
}
