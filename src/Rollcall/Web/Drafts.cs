using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Rollcall.Data;
using Rollcall.Model;

namespace Rollcall.Web;

/// <summary>What became of a confirm.</summary>
/// <param name="Draft">Null when there is no such draft, or it is no longer what the page showed.</param>
/// <param name="Refusal">Why nothing was done.</param>
internal sealed record Confirmation<T>(Draft? Draft, T? Answers, Refusal? Refusal) : IResult;

/// <summary>
/// Answers so far in a journey, stored in the database with their ID in the URL. Two tabs never mix, any instance can
/// continue, and the ID is useless to another viewer, in another organisation or for another user.
/// </summary>
internal sealed class Drafts(Db db, Current current)
{
    /// <summary>
    /// More than anyone needs. The oldest are deleted, so that no one can fill the database; each is a few kilobytes at
    /// most.
    /// </summary>
    public const int MostOfAViewer = 100;

    /// <summary>Starts a journey, about <paramref name="user"/> if it is about a person.</summary>
    /// <param name="organisation">Where the journey continues, if not in the organisation in the URL.</param>
    public async Task<Guid> StartAsync<T>(
        T answers,
        Guid? user,
        CancellationToken cancellation,
        Guid? organisation = null
    )
    {
        var draft = new Draft
        {
            Kind = typeof(T).Name,
            ViewerId = current.Viewer.UserId,
            OrganisationId = organisation ?? current.OrganisationIfAny?.Id,
            UserId = user,
            Answers = JsonSerializer.Serialize(answers),
            CreatedAt = current.Now,
        };
        db.Add(draft);
        await db.SaveChangesAsync(cancellation);
        // The draft is committed by now, so of several started at once, the last to look sees all of them.
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from drafts where viewer_id = {draft.ViewerId} and id in (
              select id from drafts where viewer_id = {draft.ViewerId}
              order by created_at desc, id desc offset {MostOfAViewer})
            """,
            cancellation
        );
        return draft.Id;
    }

    /// <summary>
    /// The draft and its answers; null if there is none, which sends the viewer back to the first question.
    /// </summary>
    public async Task<(Draft Draft, T Answers)?> OpenAsync<T>(Guid id, Guid? user, CancellationToken cancellation) =>
        Read<T>(await Mine<T>(db.Drafts, id, user).SingleOrDefaultAsync(cancellation));

    /// <summary>
    /// Carries out what the check page showed, once: of two confirms at the same time the second waits, and finds the
    /// draft completed. A refusal leaves the draft as it was.
    /// </summary>
    /// <param name="shown"><see cref="Shown"/> of what the page showed.</param>
    /// <param name="work">Does it, in the transaction that completes the draft.</param>
    /// <param name="id">The id of what was made or changed.</param>
    public Task<Confirmation<TAnswers>> ConfirmAsync<TAnswers, TResult>(
        Guid draftId,
        Guid? user,
        string? shown,
        Func<TAnswers, Task<Result<TResult>>> work,
        Func<TResult, Guid> id
    )
        where TResult : class =>
        db.InTransactionAsync<Confirmation<TAnswers>>(async () =>
        {
            var locked = db.Drafts.FromSql(
                $"select * from drafts where viewer_id = {current.Viewer.UserId} and id = {draftId} for update"
            );
            var found = Read<TAnswers>(await Mine<TAnswers>(locked, draftId, user).SingleOrDefaultAsync());
            if (found is null)
            {
                return new(null, default, null);
            }

            var (draft, answers) = found.Value;

            if (draft.CompletedAt is not null)
            {
                return new(draft, answers, null);
            }

            if (shown != Shown(draft))
            {
                return new(null, default, null);
            }

            var result = await work(answers);
            if (result.Value is { } value)
            {
                draft.CompletedAt = current.Now;
                draft.ResultId = id(value);
            }

            return new(draft, answers, result.Refusal);
        });

    /// <summary>Replaces the answers. A draft that has been confirmed stays unchanged.</summary>
    public Task ChangeAsync<T>(Draft draft, T answers, CancellationToken cancellation)
    {
        var json = JsonSerializer.Serialize(answers);
        return db
            .Drafts.Where(d => d.ViewerId == draft.ViewerId && d.Id == draft.Id && d.CompletedAt == null)
            .ExecuteUpdateAsync(d => d.SetProperty(x => x.Answers, json), cancellation);
    }

    /// <summary>
    /// A hash of the answers, for the form of a check page: confirming saves what that page showed, even if the answers
    /// were changed in another tab.
    /// </summary>
    public static string Shown(Draft draft) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(draft.Answers)));

    private IQueryable<Draft> Mine<T>(IQueryable<Draft> drafts, Guid id, Guid? user)
    {
        var organisation = current.OrganisationIfAny?.Id;
        return drafts.Where(d =>
            d.Id == id
            && d.Kind == typeof(T).Name
            && d.ViewerId == current.Viewer.UserId
            && d.OrganisationId == organisation
            && d.UserId == user
        );
    }

    private static (Draft, T)? Read<T>(Draft? draft) =>
        draft is null ? null : (draft, JsonSerializer.Deserialize<T>(draft.Answers)!);
}
