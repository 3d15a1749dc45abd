namespace Tsunagi.Protocols.Mail.Dkim2;

/// <summary>
/// DKIM2 is a draft that moves; this folder implements one of its versions, and nothing of it is used unless the caller asks for it.
/// </summary>
public static class Dkim2Draft
{
    /// <summary>The version implemented.</summary>
    public const string Name = "draft-ietf-dkim-dkim2-spec-04";

    /// <summary>The field that records what a message looked like.</summary>
    public const string InstanceField = "Message-Instance";

    /// <summary>The field that signs.</summary>
    public const string SignatureField = "DKIM2-Signature";
}
