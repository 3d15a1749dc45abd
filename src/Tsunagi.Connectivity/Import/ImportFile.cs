using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Import;

/// <summary>A file that is imported: its name says what it is ("radcheck.csv", "clients.conf").</summary>
public sealed record ImportFile([property: Required, MaxLength(200)] string Name, [property: Required] string Text);
