namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>What a server says (RFC 4511 section 4.2).</summary>
/// <param name="MessageId">Which request it answers; 0 for what nobody asked for (section 4.4).</param>
public abstract record LdapResponse(int MessageId);

/// <summary>How an operation ended (RFC 4511 section 4.1.9).</summary>
/// <param name="Code">What the server says became of it.</param>
/// <param name="MatchedDn">The lowest object on the way to the one asked for that exists; mostly empty.</param>
/// <param name="Diagnostic">Words of the server for people; may be empty.</param>
/// <param name="Referrals">Where else to ask; empty for any code but <see cref="LdapResultCode.Referral"/>.</param>
public sealed record LdapResult(LdapResultCode Code, string MatchedDn, string Diagnostic, IReadOnlyList<string> Referrals);

/// <summary>BindResponse (RFC 4511 section 4.2.2).</summary>
public sealed record LdapBindResponse(int MessageId, LdapResult Result) : LdapResponse(MessageId);

/// <summary>SearchResultEntry (RFC 4511 section 4.5.2): one object.</summary>
public sealed record LdapSearchEntry(int MessageId, LdapEntry Entry) : LdapResponse(MessageId);

/// <summary>SearchResultReference (RFC 4511 section 4.5.3): where more of what was asked for may be.</summary>
public sealed record LdapSearchReference(int MessageId, IReadOnlyList<string> Uris) : LdapResponse(MessageId);

/// <summary>SearchResultDone (RFC 4511 section 4.5.2).</summary>
/// <param name="MessageId">The search it ends.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Cookie">Where the next page begins (RFC 2696); empty when there is none.</param>
public sealed record LdapSearchDone(int MessageId, LdapResult Result, ReadOnlyMemory<byte> Cookie) : LdapResponse(MessageId);

/// <summary>ExtendedResponse (RFC 4511 section 4.12).</summary>
/// <param name="MessageId">Which request it answers; 0 for what nobody asked for.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Name">Object identifier of what is answered; empty where the server leaves it out.</param>
public sealed record LdapExtendedResponse(int MessageId, LdapResult Result, string Name) : LdapResponse(MessageId);
