namespace Tsunagi.Connectivity.Import;

/// <summary>A place in a file that was not understood, or was understood and has no place here: nothing is dropped without one.</summary>
/// <param name="Line">1 for the first; 0 for the file as a whole.</param>
/// <param name="IsError">True where something is missing because of it; false where it is only to be known.</param>
public sealed record ImportProblem(string File, int Line, string Message, bool IsError);
